using System.Globalization;

namespace GuestOS.Bench.Peer;

/// <summary>
/// Writes events in the form of boot/EVENTS.md to standard output. <c>load disk DEVICE MILLISECONDS</c>: an <c>atabench</c> for each kind of load.
/// <c>load link INTERFACE</c>: serves the other end of a network cable, then a <c>link</c>. <c>load hyperv SECONDS</c>: a <c>clock</c>, then an
/// <c>idle</c> of that length.
/// </summary>
internal static class Program
{
    private const int SequentialBytes = 128 << 10;
    private const int RandomBytes = 4 << 10;

    private static int Main(string[] args)
    {
        var kind = args[0] switch { "disk" => "atabench", "hyperv" => "idle", _ => "link" };
        try
        {
            switch (kind)
            {
                case "atabench":
                    LoadDisk(args[1], TimeSpan.FromMilliseconds(int.Parse(args[2], CultureInfo.InvariantCulture)));
                    break;
                case "idle":
                    ClockLoad.Run();
                    IdleLoad.Run(int.Parse(args[1], CultureInfo.InvariantCulture));
                    break;
                default:
                    new LinkStation(args[1]).Run();
                    Console.Out.WriteLine($$"""{"t":0,"event":"link","nic":"{{args[1]}}","result":"ok"}""");
                    break;
            }

            return 0;
        }
        catch (IOException e)
        {
            Console.Out.WriteLine($$"""{"t":0,"event":"{{kind}}","result":"error","error":"{{e.Message}}"}""");
            return 1;
        }
    }

    private static void LoadDisk(string device, TimeSpan time)
    {
        var load = new DiskLoad(device, SequentialBytes);
        foreach (var depth in new[] { 1, 4 })
        {
            foreach (var random in new[] { false, true })
            {
                foreach (var write in new[] { true, false })
                {
                    var size = random ? RandomBytes : SequentialBytes;
                    var (requests, taken) = load.Run(write, random, size, depth, time);
                    Console.Out.WriteLine(string.Create(
                        CultureInfo.InvariantCulture,
                        $$"""{"t":0,"event":"atabench","operation":"{{(write ? "write" : "read")}}","order":"{{(random ? "random" : "sequential")}}","requestBytes":{{size}},"depth":{{depth}},"requests":{{requests}},"ns":{{taken.Ticks * 100}},"result":"ok"}"""));
                }
            }
        }
    }
}
