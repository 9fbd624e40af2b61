using System.Runtime.CompilerServices;

namespace GuestOS.Kernel.SelfTests.Soak;

/// <summary>Exceptions: thrown, from a null reference, from a division, filtered, and through finally blocks.</summary>
internal sealed class ExceptionWork : ISoakWork
{
    private const int Rounds = 20;

    public string Name => "exceptions";

    public bool RunRound(int seed)
    {
        int caught = 0, finals = 0;
        for (int i = 0; i < Rounds; i++)
        {
            try
            {
                try
                {
                    Throw(i % 4, null, 0);
                }
                finally
                {
                    finals++;
                }
            }
            catch (InvalidOperationException exception) when (exception.Message == "expected")
            {
                caught += 1;
            }
            catch (NullReferenceException)
            {
                caught += 100;
            }
            catch (DivideByZeroException)
            {
                caught += 10_000;
            }
            catch (IndexOutOfRangeException)
            {
                caught += 1_000_000;
            }
        }

        return finals == Rounds && caught == Rounds / 4 * 1_010_101;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int Throw(int kind, string? nothing, int zero) => kind switch
    {
        0 => throw new InvalidOperationException("expected"),
        1 => nothing!.Length,
        2 => 1 / zero,
        _ => Array.Empty<int>()[zero],
    };
}
