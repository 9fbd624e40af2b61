using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Sandbox.Integration;
using GuestOS.Sandbox.VmBus;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using GuestOS.Testing.States;
using Xunit;

namespace GuestOS.Services.Tests.Bus;

/// <summary>The state table of a service on its channel: each change is made, and no other.</summary>
public sealed class ServiceStateTests
{
    private const string Table = """
        Absent, opening: Started
        Started, refusal to open: Failed
        Started, common version: Negotiated
        Started, no common version: Failed
        Started, rescind: Stopped
        Negotiated, no common version: Failed
        Negotiated, broken ring: Failed
        Negotiated, rescind: Stopped
        Failed, common version: Negotiated
        Failed, rescind: Stopped
        Failed, opening: Started
        Stopped, opening: Started
        """;

    private readonly StateTable _table = new(Table);

    [Fact]
    public void Each_change_of_a_service_is_made_and_no_other()
    {
        Live(life =>
        {
            life.Offer(new HostService { IsRefusing = true });
            Assert.NotNull(life.Status.Error);
            life.Rescind();
            life.Offer(new HostService { IsSilent = true });
            life.Rescind();
            var host = life.Offer(new HostService());
            host.Negotiate("no common version", 77);
            life.Advance();
            Assert.NotNull(life.Status.Error);
            host.Negotiate("common version", 3);
            life.Advance();
            Assert.Null(life.Status.Error);
            life.Rescind();
        });
        Live(life =>
        {
            life.Offer(new HostService { IsSilent = true }).Negotiate("no common version", 77);
            life.Advance();
            life.Rescind();
        });
        Live(life =>
        {
            var host = life.Offer(new HostService());
            life.Break(host);
            Assert.NotNull(life.Status.Error);
            life.Rescind();
            life.Offer(new HostService());
        });
        Assert.True(_table.IsProved, _table.ToString());
    }

    private void Live(Action<Life> story)
    {
        using var life = new Life(_table);
        story(life);
    }

    /// <summary>One guest, and what its heartbeat service says of itself.</summary>
    private sealed class Life : IDisposable
    {
        private readonly ServiceBus _bus = new();
        private readonly StateTable _table;
        private HostService? _host;
        private HostChannel? _channel;
        private ServiceState _state = ServiceState.Absent;

        public Life(StateTable table)
        {
            _table = table;
            _bus.Services.Observe(OnChanged);
            _bus.Connect();
        }

        public ServiceStatus Status => _bus.Services.Status.Single(status => status.Name == "heartbeat");

        public HostService Offer(HostService host)
        {
            _host = host;
            _channel = _bus.Host.Offer(host);
            Advance();
            return host;
        }

        public void Advance()
        {
            _bus.Advance(1);
            Assert.Equal(_state, Status.State);
        }

        public void Rescind()
        {
            _host!.Event = "rescind";
            _bus.Host.Rescind(_channel!);
            Advance();
        }

        public void Break(HostService host)
        {
            host.Event = "broken ring";
            _bus.Host.Faults.Add(new PacketFault(PacketFaultKind.WriteIndexBeyond));
            host.Send();
            Advance();
            _bus.Host.Faults.Clear();
            Assert.Single(_bus.Broken);
        }

        public void Dispose() => _bus.Dispose();

        private void OnChanged(ServiceStatus status)
        {
            if (status.State != _state)
                _table.Add($"{_state}, {_host!.Event}", status.State.ToString());
            _state = status.State;
        }
    }

    /// <summary>The host's side of a heartbeat channel, which says what it is about to do.</summary>
    private sealed class HostService : IChannelProvider
    {
        private ChannelSession? _session;

        /// <summary>The guest may not open the channel.</summary>
        public bool IsRefusing { get; init; }

        /// <summary>It does not negotiate of itself.</summary>
        public bool IsSilent { get; init; }

        /// <summary>What happens to the guest now.</summary>
        public string Event { get; set; } = "opening";

        public ChannelOffer Offer { get; } = new()
        {
            ClassId = ClassIds.Heartbeat,
            InstanceId = new Guid("57164f39-9115-4e78-ab55-382f3bd5422d"),
            UserDefined = ChannelOffer.MessagePipe,
        };

        public uint Open(ChannelSession session)
        {
            if (IsRefusing)
            {
                Event = "refusal to open";
                return 0xC000_0001;
            }

            _session = session;
            if (!IsSilent)
                Negotiate("common version", 3);
            return 0;
        }

        public void Negotiate(string name, byte version) => _session!.Post(() =>
        {
            Event = name;
            _session.SendInBand(FrameHarness.Message(IcMessageType.Negotiate, [1, 0, 1, 0, 0, 0, 0, 0, 3, 0, 0, 0, version, 0, 0, 0]));
        });

        public void Send() => _session!.Post(() => _session.SendInBand(FrameHarness.Message(IcMessageType.Heartbeat, new byte[40])));

        public void Receive(ChannelSession session, ChannelPacket packet)
        {
        }

        public void Close(ChannelSession session, CloseReason reason) => _session = null;
    }
}
