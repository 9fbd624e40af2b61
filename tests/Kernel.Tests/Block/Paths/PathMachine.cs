using GuestOS.Kernel.Block;
using GuestOS.Kernel.Handoff;
using GuestOS.Machine.Block;
using GuestOS.Testing;
using GuestOS.Testing.Block;

namespace GuestOS.Kernel.Tests.Block.Paths;

/// <summary>A registry with a disk that an emulated device serves from the start, on a clock that the test moves.</summary>
internal sealed class PathMachine
{
    public PathMachine(int seed = 1, int blocks = 12)
    {
        Random = new Random(seed);
        Clock = new ManualTimeProvider(seed);
        Medium = new SharedMedium(blocks);
        Registry = new BlockRegistry(Clock);
        Registry.HandedOff += Reports.Add;
        Emulated = new FakePath("ata0.1", PathRank.Emulated, Medium, Clock, Random);
        Entry = Registry.Add(Emulated, "ata 00:01.1");
    }

    public Random Random { get; }

    public ManualTimeProvider Clock { get; }

    public SharedMedium Medium { get; }

    public BlockHistory History => Medium.History;

    public BlockRegistry Registry { get; }

    public List<HandoffReport> Reports { get; } = [];

    public FakePath Emulated { get; }

    public BlockEntry Entry { get; }

    public IBlockDevice Disk => Entry.Device;

    public FakePath MakeSynthetic(int number = 0) => new($"ide0.1-{number}", PathRank.Synthetic, Medium, Clock, Random);

    public FakePath AddSynthetic(int number = 0)
    {
        FakePath path = MakeSynthetic(number);
        Assert.Same(Entry, Registry.Add(path, "storvsc 7"));
        return path;
    }

    public T Run<T>(ValueTask<T> task)
    {
        Task<T> pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    public void Run(Task task)
    {
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    public void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            Assert.True(Clock.Elapsed < TimeSpan.FromHours(1), "Too long.");
            Assert.True(Clock.RunNext(), "Nothing is going to happen any more.");
        }
    }

    public Task Delay(int mostMicroseconds) => Clock.After(TimeSpan.FromMicroseconds(Random.Next(mostMicroseconds)));
}
