using System.CommandLine;
using GuestOS.Boot.Build;
using GuestOS.Boot.Consoles;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;
using Spectre.Console;

namespace GuestOS.Boot.Commands;

/// <summary>The <c>run</c> command: build, boot, attach the console, tell what was found.</summary>
internal sealed class RunCommand : Command
{
    private readonly Option<string> _host = CommonOptions.Host();
    private readonly Option<int> _cpus = CommonOptions.Cpus();
    private readonly Option<int> _memory = CommonOptions.Memory();
    private readonly Option<string> _append = CommonOptions.Append("Kernel options, added to those of the image.");
    private readonly Option<int?> _timeout = CommonOptions.Timeout();
    private readonly Option<string?> _image = CommonOptions.Image();
    private readonly Option<string?> _program = CommonOptions.Program();
    private readonly Option<FirmwareKind> _firmware = CommonOptions.Choice<FirmwareKind>("--firmware", "Firmware of the machine.", FirmwareKind.Bios);
    private readonly Option<Chipset> _machine = CommonOptions.Choice<Chipset>("--machine", "Board of the machine.", Chipset.Pc);

    /// <summary>Declares the command.</summary>
    public RunCommand()
        : base("run", "Boot GuestOS and attach its console (leave with Ctrl-A x). This is the default command.")
    {
        foreach (var option in new Option[] { _host, _cpus, _memory, _append, _timeout, _image, _program, _firmware, _machine })
            Options.Add(option);
        Validators.Add(result =>
        {
            if (result.GetValue(_image) is not null && result.GetValue(_program) is not null)
                result.AddError("--image and --program exclude each other: an image carries its program.");
        });
        SetAction((result, cancellationToken) => Shell.RunAsync(tools => ExecuteAsync(tools, result, cancellationToken)));
    }

    private async Task<int> ExecuteAsync(Toolbox tools, ParseResult options, CancellationToken cancellationToken)
    {
        var firmware = options.GetValue(_firmware);
        var host = HostChoice.Get(options.GetValue(_host)!);
        var medium = await GetMediumAsync(tools, options, host, firmware, cancellationToken).ConfigureAwait(false);
        var machine = new MachineSpec
        {
            Name = "run",
            Boot = medium,
            Chipset = options.GetValue(_machine),
            Firmware = firmware,
            Cpus = options.GetValue(_cpus),
            MemoryMiB = options.GetValue(_memory),
            Append = options.GetValue(_append)!,
            DebugExit = true,
            StopOnReset = false,
        };
        await tools.PrepareAsync(host, cancellationToken).ConfigureAwait(false);
        tools.Console.MarkupLineInterpolated(
            $"Booting {Repository.Display(medium.Path)} on host [bold]{host.Name}[/]: {machine.Cpus} CPU(s), {machine.MemoryMiB} MiB");
        if (!Console.IsInputRedirected)
            tools.Console.WriteLine("The keyboard is the guest's; Ctrl-A x leaves.");

        var guest = await host.CreateAsync(machine, cancellationToken).ConfigureAwait(false);
        await using (guest.ConfigureAwait(false))
            return await AttendAsync(tools, guest, options.GetValue(_timeout), cancellationToken).ConfigureAwait(false);
    }

    private async Task<BootMedium> GetMediumAsync(Toolbox tools, ParseResult options, IHost host, FirmwareKind firmware, CancellationToken cancellationToken)
    {
        var jobs = host.Needs | (firmware == FirmwareKind.Uefi ? Job.EmulateUefi : Job.None);
        if (options.GetValue(_image) is { } image)
        {
            var path = Path.GetFullPath(image);
            var format = ImageInspector.Identify(path);
            if (format == ImageFormat.Elf && firmware == FirmwareKind.Uefi)
                throw new ToolException("An ELF is booted without firmware: --firmware uefi needs an ISO or a disk image.");
            await tools.EnsureAsync(jobs, cancellationToken).ConfigureAwait(false);
            return new BootMedium(path, format);
        }

        await tools.EnsureAsync(jobs | Job.BuildKernel | Job.BuildIso, cancellationToken).ConfigureAwait(false);
        var kernel = await tools.BuildKernelAsync(options.GetValue(_program), cancellationToken).ConfigureAwait(false);
        var iso = await tools.BuildImageAsync(kernel, ImageFormat.Iso, cancellationToken).ConfigureAwait(false);
        return new BootMedium(iso, ImageFormat.Iso, KernelBuilder.SymbolsOf(kernel));
    }

    private static async Task<int> AttendAsync(Toolbox tools, IGuest guest, int? timeout, CancellationToken cancellationToken)
    {
        ConsoleAttachment.ShowOutput(guest);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await guest.PowerOnAsync(cancellationToken).ConfigureAwait(false);
        if (timeout is { } seconds)
            limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        var left = false;
        var timedOut = false;
        using (var terminal = RawTerminal.TryEnter())
        {
            try
            {
                left = await ConsoleAttachment.TypeAsync(guest, terminal is not null, limit.Token).ConfigureAwait(false);
                if (!left)
                    await guest.Exit.WaitAsync(limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                timedOut = true;
            }
        }

        return await ConcludeAsync(tools, guest, left, timedOut ? timeout : null).ConfigureAwait(false);
    }

    /// <summary>Ends the machine, prints the summary and finds the exit code: 0 when the guest did what was asked.</summary>
    private static async Task<int> ConcludeAsync(Toolbox tools, IGuest guest, bool left, int? timedOutAfter)
    {
        var isReady = guest.Events.Of("ready").Count != 0;
        var panicked = guest.Events.Of("panic").Count != 0;
        var folder = Path.Combine(tools.Repository.Runs, guest.Machine.Name);
        var failed = panicked || (timedOutAfter is not null && !isReady);
        if (failed)
            await RunArtifacts.SaveAsync(guest, folder).ConfigureAwait(false);
        await guest.StopAsync().ConfigureAwait(false);
        var exit = await guest.Exit.ConfigureAwait(false);
        if (exit.Kind == GuestExitKind.Failed || (exit.Kind == GuestExitKind.DebugPort && exit.Status != GuestExit.StatusPassed))
        {
            failed = true;
            await RunArtifacts.SaveAsync(guest, folder).ConfigureAwait(false);
        }

        tools.Console.WriteLine();
        RunSummary.Print(tools.Console, guest.Events, panicked ? ElfSymbols.TryLoad(guest.Machine.Boot.Symbols) : null);
        var how = left ? "left by Ctrl-A x"
            : timedOutAfter is { } seconds ? $"stopped after {seconds} s{(isReady ? "" : " without being ready")}"
            : exit.ToString();
        tools.Console.MarkupLineInterpolated($"The machine was {how}.");
        if (failed)
            tools.Console.MarkupLineInterpolated($"[red]Failed.[/] Logs: {Repository.Display(folder)}");
        return failed ? 1 : 0;
    }
}
