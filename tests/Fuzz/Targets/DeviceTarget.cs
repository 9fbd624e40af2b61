using GuestOS.Fuzz.Hostility;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// A driver of an emulated device at work, with a device whose registers, data and timing are what the input says. Every wait ends; nothing but a
/// declared failure leaves a driver; all memory is given back; the log stays short. The same device, once it behaves, works.
/// </summary>
public abstract class DeviceTarget : FuzzTarget
{
    private const int MostLines = 2000;

    /// <inheritdoc/>
    public override int MostBytes => 256;

    /// <inheritdoc/>
    public override int TestCount => 100;

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [];
        foreach (var pace in (byte[])[0, 9, 31, 192, 200, 230])
        {
            for (var start = 0; start < 256; start += 32)
            {
                var first = (byte)start;
                yield return [.. Enumerable.Range(0, 128).Select(i => i % 4 == 0 ? pace : (byte)(first + (i * 7)))];
            }
        }
    }

    /// <summary>Lets the driver work with the device as it is, then with one that behaves.</summary>
    /// <param name="guest">The machine.</param>
    /// <param name="work">Binds the driver and works.</param>
    /// <param name="reform">Makes the device behave.</param>
    /// <param name="proof">Binds the driver and finds that all works.</param>
    private protected static void Survive(DeviceGuest guest, Action work, Action reform, Action proof)
    {
        var pages = guest.Memory.PageCount;
        try
        {
            work();
            guest.Detach();
            Judge(guest, pages);
            reform();
            proof();
            guest.Detach();
            Judge(guest, pages);
        }
        catch (Exception finding)
        {
            throw new FuzzException($"{finding}\n{string.Join('\n', guest.Log.Lines.TakeLast(20).Select(line => $"log: {line.Level} {line.Text}"))}");
        }
    }

    private static void Judge(DeviceGuest guest, int pages)
    {
        Require(guest.Disks.Count + guest.Adapters.Count + guest.Balloons.Count == 0, "something is published still");
        Require(guest.Log.Lines.Count <= MostLines, $"{guest.Log.Lines.Count} lines in the log");
        Require(guest.Log.Lines.All(line => line.Text.Length < 1000), "a long line in the log");
        Require(guest.Memory.PageCount == pages, $"{guest.Memory.PageCount - pages} pages stay allocated");
    }
}
