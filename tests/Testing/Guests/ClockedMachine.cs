using GuestOS.Machine.Drivers;
using GuestOS.Sandbox.Memory;

namespace GuestOS.Testing.Guests;

/// <summary>
/// A machine on a clock that the test moves, and what the drivers of its devices have published. Everything happens on the caller's thread: the
/// same seed gives the same run.
/// </summary>
public abstract class ClockedMachine : PublishedDevices
{
    private const int MostSteps = 5_000_000;

    /// <param name="seed">Orders what is due at the same moment, places memory, and feeds <see cref="Random"/>.</param>
    /// <param name="clock">Time; null for a clock of its own.</param>
    /// <param name="memory">Memory; null for some of its own.</param>
    /// <param name="arrays">What memory of its own is made of; null: it allocates.</param>
    protected ClockedMachine(int seed, ManualTimeProvider? clock = null, SimulatedMemory? memory = null, PinnedArrays? arrays = null)
    {
        Random = new Random(seed);
        Clock = clock ?? new ManualTimeProvider(seed) { Thread = Environment.CurrentManagedThreadId };
        Memory = memory ?? new SimulatedMemory(Random, arrays);
    }

    /// <summary>Chance, from the seed.</summary>
    public Random Random { get; }

    /// <summary>Time.</summary>
    public ManualTimeProvider Clock { get; }

    /// <summary>Memory.</summary>
    public SimulatedMemory Memory { get; }

    /// <summary>The log of drivers and models.</summary>
    public ListLog Log { get; } = new();

    /// <summary>Work of the guest that is not on the clock: does one thing, or has none.</summary>
    public Func<bool>? OtherWork { get; set; }

    /// <summary>Longest simulated time that one wait may take.</summary>
    protected TimeSpan Patience { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Moves the clock until the task has ended.</summary>
    public T Run<T>(ValueTask<T> task)
    {
        var pending = task.AsTask();
        RunUntil(() => pending.IsCompleted);
        return pending.GetAwaiter().GetResult();
    }

    /// <summary>Moves the clock until the task has ended.</summary>
    public void Run(ValueTask task) => Run(task.AsTask());

    /// <summary>Moves the clock until the task has ended.</summary>
    public void Run(Task task)
    {
        ArgumentNullException.ThrowIfNull(task);
        RunUntil(() => task.IsCompleted);
        task.GetAwaiter().GetResult();
    }

    /// <summary>Moves the clock until something holds.</summary>
    /// <exception cref="InvalidOperationException">It takes longer than anything may, or nothing is left that could bring it about.</exception>
    public void RunUntil(Func<bool> condition)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var start = Clock.Elapsed;
        for (var steps = 0; !condition(); steps++)
        {
            if (OtherWork?.Invoke() == true)
                continue;
            Require(Clock.RunNext(), "Nothing is going to happen any more.");
            Require(Clock.Elapsed - start < Patience && steps < MostSteps, "Too long.");
        }
    }

    /// <summary>Moves the clock on.</summary>
    public void Advance(double seconds) => Clock.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Brings a driver up on its device.</summary>
    /// <exception cref="InvalidOperationException">It does not find the device usable.</exception>
    public void Start(IDriverInstance instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        var refusal = Run(instance.ProbeAsync(default));
        Require(refusal is null, $"Refused: {refusal}");
        Run(instance.AttachAsync(default));
        Run(instance.StartAsync(default));
    }

    /// <summary>Random bytes.</summary>
    public byte[] Bytes(int length)
    {
        var data = new byte[length];
        Random.NextBytes(data);
        return data;
    }

    /// <summary>A program's buffer with random content.</summary>
    public CallerBuffer Buffer(int length, int offset = 0, PagePlacement placement = PagePlacement.Scattered)
    {
        var buffer = Memory.AllocateCaller(length, offset, placement);
        Random.NextBytes(buffer.GetSpan());
        return buffer;
    }

    /// <summary>What this machine has for drivers.</summary>
    protected DriverSetup Setup(IReadOnlyDictionary<string, string> options) => new()
    {
        Memory = Memory,
        Clock = Clock,
        Log = Log,
        Publications = this,
        Options = options,
    };
}
