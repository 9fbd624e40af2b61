using GuestOS.Machine.Block;
using GuestOS.Machine.Drivers;

namespace GuestOS.Kernel.Tests.Fakes;

/// <summary>A driver whose verbs do what a test says, and are recorded.</summary>
internal sealed class FakeDriver : IDriver
{
    public required string Name { get; init; }

    public IReadOnlyList<DeviceMatch> Matches { get; init; } = [];

    public IReadOnlyList<ResourceRequest> Resources { get; init; } = [];

    public IReadOnlyList<IBlockDevice> Serves { get; init; } = [];

    public Func<CancellationToken, ValueTask<string?>> Probe { get; init; } = _ => new((string?)null);

    public Func<DriverContext, CancellationToken, ValueTask> Attach { get; init; } = (_, _) => default;

    public Func<DriverContext, CancellationToken, ValueTask> Start { get; init; } = (_, _) => default;

    public Func<CancellationToken, ValueTask> Detach { get; init; } = _ => default;

    public List<string> Verbs { get; } = [];

    public DriverContext? Context { get; private set; }

    public IReadOnlyList<ResourceRequest> DeclareResources(BusDevice device) => Resources;

    public IDriverInstance Create(DriverContext context)
    {
        Context = context;
        return new Instance(this, context);
    }

    private sealed class Instance(FakeDriver driver, DriverContext context) : IDriverInstance
    {
        public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("probe");
            return driver.Probe(cancellationToken);
        }

        public ValueTask AttachAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("attach");
            return driver.Attach(context, cancellationToken);
        }

        public async ValueTask StartAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("start");
            foreach (IBlockDevice device in driver.Serves)
                context.Publications.Publish(device);
            await driver.Start(context, cancellationToken);
        }

        public ValueTask SuspendAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("suspend");
            return default;
        }

        public ValueTask ResumeAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("resume");
            return default;
        }

        public ValueTask DetachAsync(CancellationToken cancellationToken)
        {
            driver.Verbs.Add("detach");
            return driver.Detach(cancellationToken);
        }
    }
}
