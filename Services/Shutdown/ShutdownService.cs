using System.Globalization;
using System.Runtime.InteropServices;
using GuestOS.Drivers.VmBus.Protocol;
using GuestOS.Machine;
using GuestOS.Machine.Power;
using GuestOS.Machine.Processors;
using GuestOS.Services.Frame;
using GuestOS.Services.Protocol;
using GuestOS.Services.Text;

namespace GuestOS.Services.Shutdown;

/// <summary>
/// Powers the machine off, or restarts it, at the host's wish: asks the handlers, flushes the disks, answers, and only then acts, since
/// an answer that comes from a machine that is off comes never. There is no hibernation.
/// </summary>
public sealed class ShutdownService : IntegrationService, IThreadPoolWorkItem
{
    private static readonly IcVersion[] s_versions = [new(1, 0), new(3, 0), new(3, 1), new(3, 2)];
    private static readonly TimeSpan s_defaultDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestDeadline = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_flushLimit = TimeSpan.FromSeconds(60);

    private readonly IMachinePower _power;
    private readonly IExecutor _executor;
    private readonly TimeProvider _clock;
    private readonly ILog _log;
    private ShutdownRequest? _request;
    private IcDeferral? _deferral;
    private int _accepted;
    private int _refused;

    /// <param name="power">Ends the machine.</param>
    /// <param name="executor">Where handlers run.</param>
    /// <param name="clock">Time.</param>
    /// <param name="log">The log.</param>
    public ShutdownService(IMachinePower power, IExecutor executor, TimeProvider clock, ILog log)
    {
        _power = power;
        _executor = executor;
        _clock = clock;
        _log = log;
        Handlers = new ShutdownHandlers(clock, log);
    }

    /// <summary>Who is asked first.</summary>
    public ShutdownHandlers Handlers { get; }

    /// <inheritdoc/>
    public override string Name => "shutdown";

    /// <inheritdoc/>
    public override Guid ClassId => ClassIds.Shutdown;

    /// <inheritdoc/>
    public override IcMessageType Type => IcMessageType.Shutdown;

    /// <inheritdoc/>
    public override ReadOnlySpan<IcVersion> Versions => s_versions;

    /// <inheritdoc/>
    public override string Summary => _refused == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{_refused} requests refused");

    /// <inheritdoc/>
    public override IcAnswer Handle(in IcRequest request)
    {
        if (request.Body.Length < ShutdownBody.Size)
            return IcStatus.Fail;
        var body = MemoryMarshal.Read<ShutdownBody>(request.Body);
        if ((body.Flags & ShutdownFlags.Hibernate) != 0)
            return (body.Flags & ~(ShutdownFlags.Hibernate | ShutdownFlags.Force)) == 0 ? IcStatus.NotSupported : IcStatus.Fail;
        if ((body.Flags & ~(ShutdownFlags.Force | ShutdownFlags.Restart)) != 0)
            return IcStatus.Fail;
        // A host that asks again while the machine goes down gets what it wants.
        if (_accepted != 0)
            return IcStatus.Success;
        var text = request.Body[ShutdownBody.Size..];
        _request = new ShutdownRequest(
            (body.Flags & ShutdownFlags.Restart) != 0,
            (body.Flags & ShutdownFlags.Force) != 0,
            body.Reason,
            Utf16Field.Read(text[..Math.Min(text.Length, ShutdownBody.TextSize)]),
            DeadlineOf(body.TimeoutSeconds));
        _deferral = request.Defer();
        _executor.Post(this);
        return IcAnswer.Deferred;
    }

    /// <summary>The work of a request; the executor calls it.</summary>
    public void Execute() => _ = RunAsync(_request!, _deferral!);

    private static TimeSpan DeadlineOf(uint seconds)
    {
        if (seconds == 0)
            return s_defaultDeadline;
        return seconds < s_longestDeadline.TotalSeconds ? TimeSpan.FromSeconds(seconds) : s_longestDeadline;
    }

    private async Task RunAsync(ShutdownRequest request, IcDeferral deferral)
    {
        try
        {
            _log.Info($"the host asks to {(request.IsRestart ? "restart" : "power off")}{(request.Text.Length == 0 ? "" : $": {request.Text}")}");
            if (await Handlers.AskAsync(request).ConfigureAwait(false) is { } refuser)
            {
                _log.Info($"{refuser} refuses to let the machine go down");
                _refused++;
                deferral.Complete(IcStatus.Fail);
                return;
            }

            _accepted = 1;
            await FlushAsync().ConfigureAwait(false);
            deferral.Complete(IcStatus.Success);
            _power.BeginEnd(request.IsRestart ? MachineEnd.Restart : MachineEnd.PowerOff);
        }
        catch (Exception exception)
        {
            _accepted = 0;
            _log.Error($"the machine cannot go down: {exception.Message}");
            deferral.Complete(IcStatus.Fail);
        }
    }

    private async ValueTask FlushAsync()
    {
        using var limit = new CancellationTokenSource(s_flushLimit, _clock);
        try
        {
            await _power.FlushAsync(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            _log.Error(string.Create(CultureInfo.InvariantCulture, $"the disks were not flushed within {s_flushLimit.TotalSeconds} s; going down all the same"));
        }
    }
}
