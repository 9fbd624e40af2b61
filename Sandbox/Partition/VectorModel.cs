using GuestOS.Machine.Processors;

namespace GuestOS.Sandbox.Partition;

/// <summary>The local APICs' vectors, handed out to the guest and raised by the hypervisor.</summary>
public sealed class VectorModel : IProcessorVectors
{
    private readonly SimulatedPartition _partition;
    private readonly Dictionary<byte, Grant> _grants = [];
    private byte _next = 0x40;

    internal VectorModel(SimulatedPartition partition) => _partition = partition;

    /// <summary>Vectors that are taken.</summary>
    public int Count => _grants.Count;

    /// <inheritdoc/>
    public IProcessorVector Allocate(string name, VectorHandler handler, bool endsItself)
    {
        if (_next == 0xF0)
            throw new InvalidOperationException("No vector is free.");
        var grant = new Grant(this, _next++, handler, endsItself);
        _grants.Add(grant.Vector, grant);
        return grant;
    }

    internal bool TryGet(byte vector, out VectorHandler handler, out bool endsItself)
    {
        var found = _grants.TryGetValue(vector, out var grant);
        handler = grant?.Handler!;
        endsItself = grant?.EndsItself ?? false;
        return found;
    }

    private sealed class Grant(VectorModel owner, byte vector, VectorHandler handler, bool endsItself) : IProcessorVector
    {
        public byte Vector => vector;

        public VectorHandler Handler => handler;

        public bool EndsItself => endsItself;

        public void Dispose() => owner._grants.Remove(vector);
    }
}
