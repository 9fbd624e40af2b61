using System.Threading.Channels;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Tasks, channels and locks on the thread pool.</summary>
internal sealed class TaskWork : ISoakWork
{
    private const int Items = 200;
    private const int Producers = 4;

    public string Name => "tasks";

    public bool RunRound(int seed) => RunAsync().GetAwaiter().GetResult();

    private static async Task<bool> RunAsync()
    {
        var channel = Channel.CreateBounded<int>(16);
        Task[] producers = [.. Enumerable.Range(0, Producers).Select(producer => Task.Run(async () =>
        {
            for (int i = 0; i < Items; i++)
                await channel.Writer.WriteAsync((producer * Items) + i).ConfigureAwait(false);
        }))];
        Task<long> consumer = Task.Run(async () =>
        {
            long sum = 0;
            await foreach (int value in channel.Reader.ReadAllAsync().ConfigureAwait(false))
                sum += value;
            return sum;
        });
        await Task.WhenAll(producers).ConfigureAwait(false);
        channel.Writer.Complete();

        int counter = 0;
        var gate = new object();
        Parallel.For(0, Items, _ =>
        {
            lock (gate)
                counter++;
        });

        const int All = Items * Producers;
        return await consumer.ConfigureAwait(false) == (long)All * (All - 1) / 2 && counter == Items;
    }
}
