using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Drivers.VmBus.Protocol.Messages;

namespace GuestOS.Drivers.VmBus.Connections;

/// <summary>Contact: versions from the newest down, then offers.</summary>
internal sealed partial class ConnectionLoop
{
    private readonly List<BusPages> _leakedPages = [];
    private volatile SynIc? _synic;
    private volatile BusPages? _pages;
    private ConnectionId _messageConnection = ConnectionId.Message;

    /// <summary>The version under negotiation, or in use: what may come is measured by it.</summary>
    private VmBusVersion _asked;

    private uint _version;

    public VmBusVersion Version
    {
        get => new(Volatile.Read(ref _version));
        private set => Volatile.Write(ref _version, value.Value);
    }

    public FeatureFlags Features { get; private set; }

    public bool AllOffersDelivered { get; private set; }

    private FeatureFlags WantedFeatures => _options.ClientId == Guid.Empty ? FeatureFlags.None : FeatureFlags.ClientId;

    public void Connect(ContactOperation operation)
    {
        if (operation.Promise.IsSet)
            return;
        var isReady = operation.IsResume ? _phase is ConnectionPhase.Suspended : _phase is ConnectionPhase.Disconnected;
        if (!isReady)
        {
            operation.Promise.Fail(VmBusErrorKind.WrongState, $"VMBus cannot connect while it is {State}");
            return;
        }

        try
        {
            _pages = BusPages.Allocate(Dma);
        }
        catch (OutOfMemoryException e)
        {
            operation.Promise.Fail(VmBusErrorKind.Disconnected, $"no memory for the pages shared with the host: {e.Message}");
            return;
        }

        if (operation.SynIc is { } synic)
        {
            _synic = synic;
            _inbox.Attach(synic);
        }

        AllOffersDelivered = false;
        TryVersion(operation, 0);
    }

    public void CancelContact(ContactOperation operation)
    {
        switch (_phase)
        {
            case ConnectionPhase.Negotiating negotiating when negotiating.Operation == operation:
                negotiating.Deadline.Dispose();
                FailContact(operation, VmBusErrorKind.Cancelled, "connecting to VMBus was given up", hostMayHavePages: true);
                break;
            case ConnectionPhase.ReceivingOffers receiving when receiving.Operation == operation:
                // What is connected stays so; only the caller does not wait.
                operation.Promise.Fail(VmBusErrorKind.Cancelled, "waiting for offers was given up");
                break;
            default:
                operation.Promise.Fail(VmBusErrorKind.Cancelled, "connecting to VMBus was given up");
                break;
        }
    }

    public void OnVersionResponse(ReadOnlySpan<byte> message)
    {
        if (_phase is not ConnectionPhase.Negotiating negotiating)
        {
            OnLateAnswer("VERSION_RESPONSE");
            return;
        }

        var version = negotiating.Version;
        VersionResponseWithFeatures response = default;
        message[..Math.Min(message.Length, Unsafe.SizeOf<VersionResponseWithFeatures>())]
            .CopyTo(MemoryMarshal.AsBytes(new Span<VersionResponseWithFeatures>(ref response)));
        if (response.Response.Supported != 0 && version >= VmBusVersion.V5_0 && message.Length < Unsafe.SizeOf<VersionResponse>())
        {
            Count(isShort: true, $"dropped VERSION_RESPONSE of {message.Length} bytes, which is too short for {version}");
            return;
        }

        negotiating.Deadline.Dispose();
        if (response.Response.Supported == 0)
        {
            TryVersion(negotiating.Operation, negotiating.Index + 1);
            return;
        }

        if (response.Response.State != ConnectionState.Ok)
        {
            FailContact(
                negotiating.Operation, VmBusErrorKind.Refused, $"the host failed the contact for VMBus {version}: {response.Response.State}", hostMayHavePages: true);
            return;
        }

        var connection = version >= VmBusVersion.V5_0 ? response.Response.MessageConnection : ConnectionId.Message;
        if (!connection.IsValid || connection.Value == 0)
        {
            FailContact(negotiating.Operation, VmBusErrorKind.Refused, $"the host wants messages on the impossible connection {connection}", hostMayHavePages: true);
            return;
        }

        var hasFeatures = version >= VmBusVersion.V6_0 && message.Length >= VersionResponseWithFeatures.ShortSize;
        Features = hasFeatures ? response.Features & WantedFeatures : FeatureFlags.None;
        _messageConnection = connection;
        Version = version;
        ReclaimAll();
        Phase = new ConnectionPhase.ReceivingOffers(negotiating.Operation, Within(_options.OffersTimeout, () => OnOffersComplete(areAll: false)));
        var request = new MessageHeader { Type = MessageType.RequestOffers };
        Post(request);
    }

    public void OnAllOffersDelivered()
    {
        if (_phase is ConnectionPhase.ReceivingOffers receiving)
        {
            receiving.Deadline.Dispose();
            OnOffersComplete(areAll: true);
        }
        else if (_phase is ConnectionPhase.Connected && !AllOffersDelivered)
        {
            AllOffersDelivered = true;
        }
        else
        {
            OnLateAnswer("ALLOFFERS_DELIVERED");
        }
    }

    private void OnOffersComplete(bool areAll)
    {
        if (_phase is not ConnectionPhase.ReceivingOffers receiving)
            return;
        AllOffersDelivered = areAll;
        if (!areAll)
            _log.Warning("the host has not delivered all its offers in time; those that came are used");
        Phase = new ConnectionPhase.Connected();
        RescindMissing();
        _notifier.Post(receiving.Operation.Promise.Succeed);
    }

    private void TryVersion(ContactOperation operation, int index)
    {
        while (index < VmBusVersion.All.Count
            && (VmBusVersion.All[index] > _options.HighestVersion || (operation.IsOldHost && VmBusVersion.All[index] >= VmBusVersion.V5_0)))
            index++;
        if (index == VmBusVersion.All.Count || VmBusVersion.All[index] < _options.LowestVersion)
        {
            FailContact(
                operation,
                VmBusErrorKind.Refused,
                $"the host speaks no VMBus version from {_options.HighestVersion} down to {_options.LowestVersion}",
                hostMayHavePages: false);
            return;
        }

        var version = _asked = VmBusVersion.All[index];
        _messageConnection = version >= VmBusVersion.V5_0 ? ConnectionId.Contact : ConnectionId.Message;
        Phase = new ConnectionPhase.Negotiating(operation, index, version, Within(_options.AnswerTimeout, () => FailContact(
            operation, VmBusErrorKind.TimedOut, $"the host did not answer the contact for VMBus {version}", hostMayHavePages: true)));
        var contact = new InitiateContact
        {
            Header = new MessageHeader { Type = MessageType.InitiateContact },
            Version = version,
            TargetVp = _processors.Of(0),
            Target = version >= VmBusVersion.V5_0
                ? InitiateContact.PackTarget(Sint.VmBus, 0, version >= VmBusVersion.V6_0 ? WantedFeatures : FeatureFlags.None)
                : _pages!.Interrupt.Value,
            ParentToChildMonitor = _pages!.ParentToChild.Value,
            ChildToParentMonitor = _pages.ChildToParent.Value,
        };
        if (version >= VmBusVersion.V6_0 && WantedFeatures != FeatureFlags.None)
            Post(new InitiateContactWithClient { Contact = contact, ClientId = _options.ClientId }, status => OnContactNotPosted(operation, index, status));
        else
            Post(contact, status => OnContactNotPosted(operation, index, status));
    }

    private void OnContactNotPosted(ContactOperation operation, int index, CallStatus status)
    {
        if (_phase is not ConnectionPhase.Negotiating negotiating || negotiating.Operation != operation || negotiating.Index != index)
            return;
        negotiating.Deadline.Dispose();
        if (status == CallStatus.InvalidConnectionId && negotiating.Version >= VmBusVersion.V5_0)
        {
            // Hosts before 5.0 do not listen there.
            operation.IsOldHost = true;
            TryVersion(operation, index + 1);
            return;
        }

        var what = status == CallStatus.InvalidConnectionId ? "there is no VMBus host" : $"the contact could not be posted: {status}";
        FailContact(operation, VmBusErrorKind.Disconnected, what, hostMayHavePages: false);
    }

    private void FailContact(ContactOperation operation, VmBusErrorKind kind, string message, bool hostMayHavePages)
    {
        _poster.Clear();
        DropPages(isFree: !hostMayHavePages);
        Phase = operation.IsResume ? new ConnectionPhase.Suspended() : new ConnectionPhase.Disconnected();
        _asked = default;
        operation.Promise.Fail(kind, message);
    }

    private void DropPages(bool isFree)
    {
        if (_pages is not { } pages)
            return;
        _pages = null;
        if (isFree)
        {
            pages.Dispose();
        }
        else
        {
            Leak(BusPages.Length);
            _leakedPages.Add(pages);
        }
    }

    /// <summary>A contact resets the host: whatever it had of this guest before, it has no more.</summary>
    private void ReclaimAll()
    {
        FreeAllGpadls();
        foreach (var pages in _leakedPages)
        {
            pages.Dispose();
            Leak(-BusPages.Length);
        }

        _leakedPages.Clear();
    }
}
