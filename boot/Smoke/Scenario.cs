using GuestOS.Boot.Hosts.Emulated;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Smoke;

/// <summary>One thing that a booted machine has to show.</summary>
/// <param name="name">Unique name: lower-case letters, digits, dashes.</param>
/// <param name="description">What it shows, one line.</param>
internal abstract class Scenario(string name, string description)
{
    /// <summary>Unique name.</summary>
    public string Name => name;

    /// <summary>What it shows, one line.</summary>
    public string Description => description;

    /// <summary>Name of the host that its machines run on.</summary>
    public virtual string HostName => EmulatedHost.HostName;

    /// <summary>Whether it measures time, so that no other scenario may run beside it.</summary>
    public virtual bool IsAlone => false;

    /// <summary>Whether it spends most of its time waiting, so that as many more may run beside the others.</summary>
    public virtual bool IsMostlyWaiting => false;

    /// <summary>The image formats that it boots; empty when any will do.</summary>
    public virtual IReadOnlyList<ImageFormat> Formats => [];

    /// <summary>Why it cannot be run with these media; null when it can.</summary>
    public virtual string? WhyNot(SmokeMedia media) =>
        Formats.FirstOrDefault(format => !media.Has(format), (ImageFormat)(-1)) is >= 0 and var missing
            ? $"needs a medium of format {missing.ToString().ToLowerInvariant()}, and the given image is none"
            : null;

    /// <summary>Shows it.</summary>
    /// <param name="context">Means to boot machines and to judge them.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ScenarioFailedException">It did not show.</exception>
    public abstract Task RunAsync(ScenarioContext context, CancellationToken cancellationToken);

    /// <inheritdoc/>
    public override string ToString() => name;
}
