using System.Runtime.CompilerServices;
using GuestOS.Kernel.Core;

namespace GuestOS.Kernel.SelfTests;

/// <summary><c>panic:KIND</c>: ends the kernel on purpose.</summary>
internal sealed class PanicSelfTest : ISelfTest
{
    public string Name => "panic";

    public Task<bool> RunAsync(KernelSystem system, IReadOnlyList<string> arguments)
    {
        string kind = arguments.Count == 1 ? arguments[0] : throw new SelfTestException("it takes the kind of panic");
        switch (kind)
        {
            case "unhandled":
                OnThread(() => throw new InvalidOperationException("An exception that nobody handles, for the self-test."));
                break;
            case "failfast":
                Environment.FailFast("A fast failure, for the self-test.");
                break;
            case "stack":
                OnThread(() => Recurse(1));
                break;
            case "fault":
                system.Machine.Power.ProvokeFault(FaultKind.Fault);
                break;
            case "doublefault":
                system.Machine.Power.ProvokeFault(FaultKind.DoubleFault);
                break;
            default:
                throw new SelfTestException($"there is no panic of the kind '{kind}'");
        }

        // None of them comes back.
        return Task.FromResult(false);
    }

    private static void OnThread(Action action)
    {
        var thread = new Thread(() => action());
        thread.Start();
        thread.Join();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static long Recurse(long depth)
    {
        // The work after the call keeps it from becoming a loop; the condition never holds before the stack ends.
        long below = depth == long.MaxValue ? 0 : Recurse(depth + 1);
        return below + depth;
    }
}
