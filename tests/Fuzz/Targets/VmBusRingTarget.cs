using GuestOS.Drivers.VmBus.Protocol.Rings;
using GuestOS.Drivers.VmBus.Rings;
using GuestOS.Fuzz.Hostility;
using GuestOS.Sandbox.VmBus.Rings;
using GuestOS.Testing.VmBus;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// Both rings of a channel, with a host that stores any index and any bytes between any two accesses of the guest. A packet that was read
/// lies inside of its buffer and stays as it is; the guest writes to nothing but its own fields and its own ring; a broken ring stays broken.
/// As long as the host keeps to the protocol, every packet arrives, in order and whole.
/// </summary>
public sealed class VmBusRingTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "vmbus-ring";

    /// <inheritdoc/>
    public override int MostBytes => 1024;

    /// <inheritdoc/>
    public override int TestCount => 4000;

    /// <inheritdoc/>
    public override void Run(ReadOnlySpan<byte> input)
    {
        var decisions = new Decisions(input);
        using var rings = new RingPair(dataPages: 1 + (decisions.Next() % 2));
        var run = new RingRun(rings, decisions);
        while (!decisions.IsUsedUp)
            run.Step();
    }

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [];

        // Packets in every form, each read at once.
        for (byte type = 6; type < 12; type++)
            yield return [0, 0, type, 1, 9, 24, 4, 40, 1, 2, 3, 8, 4, 0, type, 0, 1, 0, 0, 7, 4, 8, 5, 6, 6];

        // Each deed of the host in front of a read, and in its middle.
        for (byte deed = 0; deed < 12; deed++)
        {
            yield return [1, 0, 6, 1, 1, 8, 0, 16, deed, 2, 3, 1, 4, 4, 8, 5, deed, 9, 9, 4, 8, 5, 6, 7, 8, 9, 10, 11];
            yield return [0, 10, 3, deed, 7, 40, 10, 2, deed, 3, 200, 0, 7, 1, 1, 16, 0, 32, 4, 8, 5, 7, 9, 40, 8, 200, 9, 100];
        }

        // A ring that fills up.
        yield return [0, .. Enumerable.Repeat((byte[])[7, 255, 1], 24).SelectMany(one => one), 8, 255, 9, 1];
    }
}
