using System.Globalization;
using GuestOS.Machine.Memory;

namespace GuestOS.Kernel.SelfTests.Memory;

/// <summary>Looks at every change of a balloon: the figures must fit together, and what stays free must not be less than the floor.</summary>
internal sealed class BalloonWatch : IDisposable
{
    private readonly IMemoryBalloon _balloon;
    private readonly IDynamicMemory _memory;
    private int _changes;

    public BalloonWatch(IMemoryBalloon balloon, IDynamicMemory memory)
    {
        _balloon = balloon;
        _memory = memory;
        LeastFree = memory.Read().Free;
        balloon.Changed += Look;
    }

    public int Changes => _changes;

    public ulong MostTaken { get; private set; }

    public ulong LeastFree { get; private set; }

    public string? Error { get; private set; }

    public void Dispose() => _balloon.Changed -= Look;

    private void Look(BalloonChange change)
    {
        Interlocked.Increment(ref _changes);
        DynamicMemoryFigures figures = _memory.Read();
        MostTaken = Math.Max(MostTaken, figures.Taken);
        LeastFree = Math.Min(LeastFree, figures.Free);
        if (figures.Free + figures.Taken > figures.Total || figures.Committed + figures.Free + figures.Taken < figures.Total)
        {
            Error ??= string.Create(
                CultureInfo.InvariantCulture,
                $"{figures.Free} free, {figures.Taken} ballooned and {figures.Committed} committed pages do not fit into {figures.Total}.");
        }

        if (change.Error is not null)
            Error ??= change.Error;
    }
}
