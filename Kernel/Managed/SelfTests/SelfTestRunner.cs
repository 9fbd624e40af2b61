using System.Globalization;
using GuestOS.Kernel.Core;
using GuestOS.Machine;

namespace GuestOS.Kernel.SelfTests;

/// <summary>Runs the self-tests of <c>guestos.test</c> in order, reports, and ends the run.</summary>
internal sealed class SelfTestRunner
{
    private const byte StatusPassed = 0x10;
    private const byte StatusFailed = 0x11;

    private static readonly ISelfTest[] Tests =
    [
        new HashSelfTest(),
        new PatternSelfTest(),
        new AtaBenchSelfTest(),
        new AtapiSelfTest(),
        new LinkSelfTest(),
        new SoakSelfTest(),
        new BalloonSelfTest(),
        new TouchSelfTest(),
        new NativeMemorySelfTest(),
        new ProcessorsSelfTest(),
        new ClockSelfTest(),
        new TimersSelfTest(),
        new IdleSelfTest(),
        new WallClockSelfTest(),
        new PanicSelfTest(),
        new RebootSelfTest(),
        new PowerOffSelfTest(),
    ];

    private readonly KernelSystem _system;

    public SelfTestRunner(KernelSystem system) => _system = system;

    /// <summary>Runs them and ends the run with the status.</summary>
    public async Task RunAsync(string list)
    {
        int passed = 0, failed = 0;
        foreach (string item in list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            bool isGood = await RunOneAsync(item).ConfigureAwait(false);
            _system.Machine.Log.Write(isGood ? LogLevel.Info : LogLevel.Error, $"Self-test {item}: {(isGood ? "passed" : "failed")}.");
            if (isGood)
                passed++;
            else
                failed++;
        }

        byte status = failed == 0 ? StatusPassed : StatusFailed;
        _system.Machine.Log.Info(string.Create(CultureInfo.InvariantCulture, $"Self-tests: {passed} passed, {failed} failed."));
        await _system.ShutDownAsync().ConfigureAwait(false);
        _system.Machine.Events.Write("exit", new("passed", passed), new("failed", failed), new("status", status));
        await _system.EndAsync(PowerKind.Configured, PowerReason.Tests, status).ConfigureAwait(false);
    }

    private async Task<bool> RunOneAsync(string item)
    {
        string[] words = item.Split(':');
        if (Array.Find(Tests, test => test.Name == words[0]) is not { } test)
            return Refuse(item, "there is no such self-test");
        try
        {
            _system.Machine.Log.Info($"Self-test {item}.");
            return await test.RunAsync(_system, words[1..]).ConfigureAwait(false);
        }
        catch (SelfTestException exception)
        {
            return Refuse(item, exception.Message);
        }
        catch (Exception exception)
        {
            _system.Machine.Log.Error($"Self-test {item}: {exception}");
            return false;
        }
    }

    private bool Refuse(string item, string error)
    {
        _system.Machine.Log.Error($"Self-test {item}: {error}.");
        _system.Machine.Events.Write("option", new("name", $"{KernelOptions.Test}={item}"), new("error", error));
        return false;
    }
}
