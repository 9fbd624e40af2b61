using System.Globalization;
using GuestOS.Kernel.Hardware;

namespace GuestOS.Kernel.Shell.Commands;

/// <summary>Lists the threads.</summary>
internal sealed class ThreadsCommand : ICommand
{
    private static readonly string[] States = ["ready", "running", "blocked", "dead"];
    private static readonly string[] Waits = ["", "sleep", "futex", "interrupt", "pipe", "console", "file server", "file"];

    public string Name => "threads";

    public string Summary => "lists the threads";

    public ValueTask ExecuteAsync(CommandContext context)
    {
        context.Output.WriteTable(
            ["ID", "NAME", "STATE", "CPU", "PRIORITY", "TIME MS", "SWITCHES"],
            context.System.Machine.Statistics.ReadThreads().Select(thread => new[]
            {
                thread.Id.ToString(CultureInfo.InvariantCulture),
                thread.IsIdle ? "(idle)" : thread.Name,
                State(thread),
                thread.Cpu.ToString(CultureInfo.InvariantCulture),
                thread.Priority == 0 ? "normal" : "interrupt",
                thread.RunTime.TotalMilliseconds.ToString("0.0", CultureInfo.InvariantCulture),
                thread.SwitchCount.ToString(CultureInfo.InvariantCulture),
            }));
        return ValueTask.CompletedTask;
    }

    private static string State(ThreadDescription thread)
    {
        string state = thread.State < States.Length ? States[thread.State] : "?";
        return thread.State == 2 && thread.Wait > 0 && thread.Wait < Waits.Length ? $"{state}: {Waits[thread.Wait]}" : state;
    }
}
