using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Showcase;

// Each line is one feature of the runtime and what came of it; the last line says how many worked.
var report = new Report();

report.Check("LINQ", () =>
{
    int sum = Enumerable.Range(1, 1000).Where(n => n % 3 == 0).Select(n => n * n).Sum();
    return (sum == 111_277_611, sum.ToString(CultureInfo.InvariantCulture));
});

report.Check("exceptions", () =>
{
    string? text = args.Length > 100 ? "" : null;
    int zero = args.Length > 100 ? 1 : 0;
    int caught = 0;
    try
    {
        _ = text!.Length;
    }
    catch (NullReferenceException)
    {
        caught++;
    }

    try
    {
        _ = 1 / zero;
    }
    catch (DivideByZeroException)
    {
        caught++;
    }

    try
    {
        throw new InvalidOperationException("thrown", new ArgumentException("inner"));
    }
    catch (InvalidOperationException exception) when (exception.InnerException is ArgumentException)
    {
        caught++;
    }
    finally
    {
        caught++;
    }

    return (caught == 4, $"{caught} of 4 handlers ran");
});

await report.CheckAsync("async", async () =>
{
    async IAsyncEnumerable<int> Numbers()
    {
        for (int i = 0; i < 10; i++)
        {
            await Task.Delay(1);
            yield return i;
        }
    }

    int sum = 0;
    await foreach (int number in Numbers())
        sum += number;
    using var cancellation = new CancellationTokenSource(20);
    bool cancelled = false;
    try
    {
        await Task.Delay(Timeout.Infinite, cancellation.Token);
    }
    catch (OperationCanceledException)
    {
        cancelled = true;
    }

    return (sum == 45 && cancelled, $"sum {sum}, cancelled {cancelled}");
});

report.Check("thread pool", () =>
{
    var seen = new ConcurrentDictionary<int, long>();
    Parallel.For(0, 64, i => seen[i] = Fibonacci.Of(20 + (i % 3)));
    long sum = seen.Values.Sum();
    return (sum == 22 * 6765L + 21 * 10946L + 21 * 17711L, $"64 jobs on {Environment.ProcessorCount} processors, sum {sum}");
});

report.Check("threads", () =>
{
    int counter = 0;
    Thread[] threads = [.. Enumerable.Range(0, 4).Select(n => new Thread(() =>
    {
        for (int i = 0; i < 10_000; i++)
            Interlocked.Increment(ref counter);
    }))];
    foreach (Thread thread in threads)
        thread.Start();
    foreach (Thread thread in threads)
        thread.Join();
    return (counter == 40_000, $"counted to {counter}");
});

report.Check("Stopwatch", () =>
{
    long start = Stopwatch.GetTimestamp();
    Thread.Sleep(50);
    TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
    return (elapsed >= TimeSpan.FromMilliseconds(50), $"50 ms of sleep took at least as long: {elapsed.TotalMilliseconds >= 50}");
});

report.Check("garbage collector", () =>
{
    int before = GC.CollectionCount(0);
    var weak = new List<WeakReference>();
    for (int i = 0; i < 50_000; i++)
    {
        byte[] garbage = new byte[1000];
        if (i % 10_000 == 0)
            weak.Add(new WeakReference(garbage));
    }

    GC.Collect();
    int collected = GC.CollectionCount(0) - before;
    return (collected > 0 && weak.Count(reference => !reference.IsAlive) >= 4, "50 MB allocated, garbage is gone");
});

report.Check("JSON", () =>
{
    List<Item> items = [new("disk", 2, ["ata", "dma"]), new("disc", 1, [])];
    string json = JsonSerializer.Serialize(items, InventoryJson.Default.ListItem);
    List<Item>? back = JsonSerializer.Deserialize(json, InventoryJson.Default.ListItem);
    return (back is [{ Name: "disk", Count: 2, Tags: ["ata", "dma"] }, { Name: "disc" }], json);
});

report.Check("files", () =>
{
    if (!File.Exists("/boot/LICENSE"))
        return (true, "no boot medium of GuestOS here");
    string[] files = [.. Directory.EnumerateFiles("/boot", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    long bytes = files.Sum(file => new FileInfo(file).Length);
    using StreamReader reader = File.OpenText("/boot/LICENSE");
    string first = reader.ReadLine() ?? "";
    bool missing = false;
    try
    {
        File.ReadAllText("/boot/no such file");
    }
    catch (FileNotFoundException)
    {
        missing = true;
    }

    return (first == "MIT License" && missing && bytes > 0, $"{files.Length} files, {bytes} bytes; LICENSE begins '{first}'");
});

Console.WriteLine($"showcase: {report.Passed} of {report.Total} passed; arguments: {string.Join(' ', args)}");
return report.Passed == report.Total ? 0 : 1;
