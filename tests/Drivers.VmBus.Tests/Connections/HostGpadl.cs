using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol.Messages;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Drivers.VmBus.Tests.Connections;

/// <summary>Guest pages that the scripted host was given.</summary>
internal sealed class HostGpadl
{
    private readonly List<ulong> _frames = [];
    private readonly int _count;

    public HostGpadl(in GpadlHeader header)
    {
        Id = header.Gpadl.Value;
        RelId = header.RelId.Value;
        _count = (header.RangeBufferLength - 8) / 8;
        IsSound = header.RangeCount == 1 && header.ByteOffset == 0 && header.ByteCount == _count * 4096u;
    }

    public uint Id { get; }

    public uint RelId { get; }

    public bool IsSound { get; }

    public IReadOnlyList<ulong> Frames => _frames;

    public bool IsComplete => _frames.Count == _count;

    public SharedPages? Pages { get; private set; }

    public void Add(ReadOnlySpan<byte> frames) => _frames.AddRange(MemoryMarshal.Cast<byte, ulong>(frames));

    public bool TryShare(SimulatedMemory memory)
    {
        Pages = IsSound ? SharedPages.TryOpen(memory, CollectionsMarshal.AsSpan(_frames)) : null;
        return Pages is not null;
    }
}
