namespace GuestOS.Kernel.Events;

/// <summary>One member of an event: a name and a text, a whole number or true. A member without a value is left out of the line.</summary>
public readonly struct EventMember
{
    /// <summary>A text; null leaves the member out.</summary>
    public EventMember(string name, string? text)
    {
        Name = name;
        Text = text;
        Kind = text is null ? EventMemberKind.Absent : EventMemberKind.Text;
    }

    /// <summary>A whole number.</summary>
    public EventMember(string name, long number)
    {
        Name = name;
        Number = number;
        Kind = EventMemberKind.Number;
    }

    /// <summary>A whole number; above 2⁶³ it is written as it is.</summary>
    public EventMember(string name, ulong number)
    {
        Name = name;
        Number = unchecked((long)number);
        Kind = EventMemberKind.UnsignedNumber;
    }

    /// <summary>True; false leaves the member out.</summary>
    public EventMember(string name, bool flag)
    {
        Name = name;
        Kind = flag ? EventMemberKind.True : EventMemberKind.Absent;
    }

    /// <summary>The member's name.</summary>
    public string Name { get; }

    /// <summary>What the value is.</summary>
    public EventMemberKind Kind { get; }

    /// <summary>The value of a text.</summary>
    public string? Text { get; }

    /// <summary>The value of a number; reinterpret it when unsigned.</summary>
    public long Number { get; }
}

/// <summary>What an <see cref="EventMember"/> holds.</summary>
public enum EventMemberKind
{
    /// <summary>Nothing: it is not written.</summary>
    Absent,

    /// <summary>A text.</summary>
    Text,

    /// <summary>A signed number.</summary>
    Number,

    /// <summary>An unsigned number.</summary>
    UnsignedNumber,

    /// <summary>true.</summary>
    True,
}
