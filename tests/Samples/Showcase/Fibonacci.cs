namespace Showcase;

/// <summary>Work for a processor.</summary>
internal static class Fibonacci
{
    /// <summary>The slow way.</summary>
    public static long Of(int n) => n < 2 ? n : Of(n - 1) + Of(n - 2);
}
