using System.Globalization;

namespace GuestOS.Bench.Peer;

/// <summary>load DEVICE MILLISECONDS: writes an event <c>atabench</c> (boot/EVENTS.md) for each kind of load to standard output.</summary>
internal static class Program
{
    private const int SequentialBytes = 128 << 10;
    private const int RandomBytes = 4 << 10;

    private static int Main(string[] args)
    {
        var time = TimeSpan.FromMilliseconds(int.Parse(args[1], CultureInfo.InvariantCulture));
        try
        {
            var load = new DiskLoad(args[0], SequentialBytes);
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

            return 0;
        }
        catch (IOException e)
        {
            Console.Out.WriteLine($$"""{"t":0,"event":"atabench","result":"error","error":"{{e.Message}}"}""");
            return 1;
        }
    }
}
