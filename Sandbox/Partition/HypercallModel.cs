using System.Buffers.Binary;
using System.Collections.Concurrent;
using GuestOS.Drivers.VmBus.Protocol.Hypervisor;
using GuestOS.Machine;
using GuestOS.Machine.Processors;

namespace GuestOS.Sandbox.Partition;

/// <summary>Hypercalls of a partition: checks what a hypervisor checks, and hands messages and events to the ports.</summary>
public sealed class HypercallModel : IHypercall
{
    private readonly SimulatedPartition _partition;

    internal HypercallModel(SimulatedPartition partition) => _partition = partition;

    /// <summary>Takes the payload of a posted message.</summary>
    public delegate CallStatus MessagePort(ReadOnlySpan<byte> payload);

    /// <summary>Where messages go, by connection id. Hosts open and close ports while the guest posts.</summary>
    public ConcurrentDictionary<uint, MessagePort> MessagePorts { get; } = [];

    /// <summary>Where events go, by connection id; the argument is the flag.</summary>
    public ConcurrentDictionary<uint, Action<ushort>> EventPorts { get; } = [];

    /// <summary>Other calls that were made: control word and input.</summary>
    public List<(CallControl Control, byte[] Input)> Calls { get; } = [];

    /// <summary>Asked before each call; a status that it gives is the answer.</summary>
    public Func<CallCode, CallStatus?>? Intercept { get; set; }

    /// <summary>Calls of any kind.</summary>
    public long Count { get; private set; }

    /// <summary>Events that were signalled.</summary>
    public long Signals { get; private set; }

    /// <inheritdoc/>
    public bool IsInstalled { get; private set; }

    /// <inheritdoc/>
    public void Install(PhysicalAddress page)
    {
        var register = _partition.Registers.Hypercall;
        if ((register & Msr.PageEnable) == 0 || page.Value != (register & ~0xFFFUL))
            throw new SimulatedFaultException($"#UD: no hypercall page at {page}");
        IsInstalled = true;
    }

    /// <inheritdoc/>
    public void Uninstall() => IsInstalled = false;

    /// <inheritdoc/>
    public ulong Call(ulong control, ulong input, ulong output)
    {
        var word = Begin(control);
        if (Intercept?.Invoke(word.Code) is { } answer)
            return (ulong)answer;
        return word.Code switch
        {
            CallCode.PostMessage => (ulong)(word.IsFast ? CallStatus.InvalidInput : Post(input)),
            CallCode.SignalEvent => (ulong)Signal(word.IsFast, input),
            _ => Other(word, word.IsFast ? Words(input, output) : Block(input)),
        };
    }

    private static byte[] Words(ulong first, ulong second) => [.. BitConverter.GetBytes(first), .. BitConverter.GetBytes(second)];

    private CallControl Begin(ulong control)
    {
        if (!IsInstalled || (_partition.Registers.Hypercall & Msr.PageEnable) == 0)
            throw new SimulatedFaultException("#UD: hypercall without a page");
        Count++;
        return new CallControl(control);
    }

    private byte[] Block(ulong address)
    {
        var block = new byte[4096 - (int)(address % 4096)];
        return address % 8 == 0 && _partition.Memory.TryRead(address, block) ? block : [];
    }

    private ulong Other(CallControl word, byte[] input)
    {
        if (word.Code is not (CallCode.FlushSpace or CallCode.FlushList or CallCode.FlushSpaceEx or CallCode.FlushListEx
            or CallCode.SendIpi or CallCode.SendIpiEx or CallCode.NotifyLongSpin))
            return (ulong)CallStatus.InvalidCallCode;
        if (input.Length == 0)
            return (ulong)CallStatus.InvalidAlignment;
        Calls.Add((word, input));
        var perCall = _partition.Options.RepsPerCall;
        var done = perCall == 0 ? word.RepCount : Math.Min(word.RepCount, word.RepStart + perCall);
        return (ulong)done << 32;
    }

    private CallStatus Post(ulong address)
    {
        if ((_partition.Options.Privileges & PartitionPrivileges.PostMessages) == 0)
            return CallStatus.AccessDenied;
        if (address % 8 != 0 || (address % 4096) + PostMessageInput.BlockSize > 4096)
            return CallStatus.InvalidAlignment;
        Span<byte> block = stackalloc byte[PostMessageInput.BlockSize];
        if (!_partition.Memory.TryRead(address, block))
            return CallStatus.InvalidParameter;
        var connection = BinaryPrimitives.ReadUInt32LittleEndian(block);
        var type = BinaryPrimitives.ReadUInt32LittleEndian(block[8..]);
        var size = BinaryPrimitives.ReadUInt32LittleEndian(block[12..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(block[4..]) != 0 || type == 0 || (type & 0x8000_0000) != 0 || size > PostMessageInput.LargestPayload)
            return CallStatus.InvalidParameter;
        return connection >> 24 == 0 && MessagePorts.TryGetValue(connection, out var port)
            ? port(block.Slice(16, (int)size))
            : CallStatus.InvalidConnectionId;
    }

    private CallStatus Signal(bool isFast, ulong input)
    {
        if ((_partition.Options.Privileges & PartitionPrivileges.SignalEvents) == 0)
            return CallStatus.AccessDenied;
        var word = input;
        if (!isFast)
        {
            Span<byte> block = stackalloc byte[8];
            if (input % 8 != 0 || !_partition.Memory.TryRead(input, block))
                return CallStatus.InvalidAlignment;
            word = BinaryPrimitives.ReadUInt64LittleEndian(block);
        }

        if (word >> 48 != 0 || !EventPorts.TryGetValue((uint)word, out var port))
            return CallStatus.InvalidConnectionId;
        Signals++;
        port((ushort)(word >> 32));
        return CallStatus.Success;
    }
}
