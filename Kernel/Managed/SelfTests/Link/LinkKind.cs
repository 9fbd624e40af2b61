namespace GuestOS.Kernel.SelfTests.Link;

/// <summary>Kinds of frames of the link test.</summary>
internal enum LinkKind : byte
{
    EchoRequest = 1,
    EchoAnswer = 2,
    Burst = 3,
    Credit = 4,
    Start = 5,
    Started = 6,
    Report = 7,
    ReportAnswer = 8,
    Filter = 9,
    FilterAnswer = 10,
    Probe = 11,
    Probes = 12,
    ProbesAnswer = 13,
    End = 14,
    EndAnswer = 15,
}
