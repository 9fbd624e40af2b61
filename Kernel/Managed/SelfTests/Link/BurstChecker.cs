namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>Checks the numbered frames that arrive. They have to come in order, each once, with every byte as it must be.</summary>
internal sealed class BurstChecker
{
    private readonly BurstPlan _plan;
    private readonly uint _creditStep;
    private uint _credited;

    public BurstChecker(BurstPlan plan)
    {
        _plan = plan;
        _creditStep = (uint)Math.Max(1, plan.Window / 4);
    }

    /// <summary>Number that the next frame must have: so many have come or were missed.</summary>
    public uint Next { get; private set; }

    /// <summary>Frames with the right number, size and content.</summary>
    public uint Right { get; private set; }

    public uint Wrong { get; private set; }

    public uint Missing { get; private set; }

    public uint Doubled { get; private set; }

    /// <summary>Everything has come, or was missed.</summary>
    public bool IsDone => Next >= _plan.ReceiveCount;

    /// <summary>Looks at a frame.</summary>
    public void Take(ReadOnlySpan<byte> frame)
    {
        uint number = LinkFrame.Read32(frame, LinkContent.NumberPlace);
        if (number < Next)
        {
            Doubled++;
            return;
        }

        if (number >= _plan.ReceiveCount)
        {
            Wrong++;
            return;
        }

        Missing += number - Next;
        Next = number + 1;
        if (IsRight(frame, number))
            Right++;
        else
            Wrong++;
    }

    /// <summary>What has not come until now will not come.</summary>
    public void Finish()
    {
        Missing += _plan.ReceiveCount - Math.Min(Next, _plan.ReceiveCount);
        Next = Math.Max(Next, _plan.ReceiveCount);
    }

    /// <summary>The other end may send more, and has to be told.</summary>
    public bool NeedsCredit(out uint upTo)
    {
        upTo = Next;
        if (_plan.Window == 0 || Next == _credited || (Next - _credited < _creditStep && !IsDone))
            return false;
        _credited = Next;
        return true;
    }

    private bool IsRight(ReadOnlySpan<byte> frame, uint number) => _plan.Size != 0
        ? frame.Length == _plan.Size
        : frame.Length == LinkContent.SizeOf(_plan.ReceiveSeed, number) && LinkContent.IsRight(frame[LinkContent.Place..], _plan.ReceiveSeed, number);
}
