using GuestOS.Drivers.VmBus;
using GuestOS.Fuzz.Hostility;
using GuestOS.Machine;
using GuestOS.Sandbox.VmBus;
using GuestOS.Testing.Guests;

namespace GuestOS.Fuzz.Targets;

/// <summary>
/// A driver at work, with a host that does whatever the input says. Every wait ends; nothing but a declared failure leaves a driver; no
/// memory is touched or freed that must not be, and what was allocated is given back or counted as lost to the host; the log stays short.
/// Once the host keeps to the protocol and the guest connects anew, everything works.
/// </summary>
public abstract class ClientTarget : FuzzTarget
{
    private const int MostLines = 2000;
    private const int LinesOfTrace = 200;

    /// <summary>Memory of requests that a host never completes is not used again; a channel has so much of it.</summary>
    private const int MostPagesOfRequests = 64;

    /// <inheritdoc/>
    public override int MostBytes => 256;

    /// <inheritdoc/>
    public override int TestCount => 100;

    /// <inheritdoc/>
    protected override IEnumerable<byte[]> OwnSeeds()
    {
        yield return [];
        foreach (var pace in (byte[])[0, 3, 9, 31, 192])
        {
            for (var start = 0; start < 256; start += 32)
            {
                // One of each deed in turn, with arguments that differ.
                var first = (byte)start;
                yield return [.. Enumerable.Range(0, 128).Select(i => i % 4 == 0 ? pace : (byte)(first + (i * 7)))];
            }
        }
    }

    /// <summary>Lets the guest connect to such a host and work.</summary>
    /// <param name="guest">The guest, its drivers and the offers in place.</param>
    /// <param name="host">The host.</param>
    /// <param name="work">Connects, and works.</param>
    /// <param name="proof">Connects, and finds that all works with a host that keeps to the protocol.</param>
    private protected static void Survive(SimulatedGuest guest, HostileHost host, Action work, Action proof)
    {
        try
        {
            work();
            guest.DetachAll();
            Judge(guest, host);
            host.Reform();
            Unload(guest, host);
            proof();
            guest.DetachAll();
            Judge(guest, host);
        }
        catch (Exception finding)
        {
            throw new FuzzException($"{finding}\n{Describe(guest)}");
        }
    }

    /// <summary>Connects; false when the host, as it is, keeps that from happening.</summary>
    private protected static bool TryConnect(SimulatedGuest guest)
    {
        try
        {
            guest.Connect();
            return true;
        }
        catch (VmBusException)
        {
            return false;
        }
    }

    /// <summary>Connects to a host that keeps to the protocol.</summary>
    private protected static void Connect(SimulatedGuest guest)
    {
        guest.Failures.Clear();
        guest.Connect();
        guest.Settle();
        Require(guest.Failures.Count == 0, $"with an honest host: {string.Join("; ", guest.Failures)}");
    }

    private static void Unload(SimulatedGuest guest, HostileHost host)
    {
        guest.Run(guest.Bus.UnloadAsync());
        guest.Clock.Advance(TimeSpan.FromSeconds(10));
        var counters = guest.Bus.Counters;
        var mostPages = (counters.LeakedBytes / 4096) + (host.HasActed ? counters.Offers * MostPagesOfRequests : 0);
        Require(guest.PagesInUse <= mostPages, $"{guest.PagesInUse} pages in use");
        foreach (var channel in host.Offered)
            guest.Host.OfferAgain(channel);
    }

    private static string Describe(SimulatedGuest guest) => string.Join(
        '\n',
        [
            $"bus {guest.Bus.State}, {guest.Bus.Counters}",
            .. guest.Bus.Snapshot().Select(channel => $"guest: {channel}"),
            .. guest.Host.Channels.Select(channel => $"host: {channel}"),
            .. guest.Host.Trace.ToString().Split('\n').TakeLast(LinesOfTrace),
            .. guest.Log.Lines.TakeLast(20).Select(line => $"log: {line.Level} {line.Text}"),
        ]);

    private static void Judge(SimulatedGuest guest, HostileHost host)
    {
        Require(guest.Escaped.Count == 0, $"a verb threw {guest.Escaped.FirstOrDefault()}");
        foreach (var (level, text) in guest.Log.Lines)
            Require(level != LogLevel.Error, text);
        Require(guest.Log.Lines.Count <= MostLines, $"{guest.Log.Lines.Count} lines in the log");
        foreach (var violation in guest.Memory.Violations)
        {
            var isFreed = violation.Contains("freed", StringComparison.Ordinal);
            Require(isFreed ? host.HasLied : host.HasLied || host.HasFooledItself, $"memory: {violation}");
        }

        Require(guest.Disks.Count + guest.Adapters.Count + guest.Balloons.Count == 0, "something is published still");
    }
}
