namespace GuestOS.Kernel.Core;

/// <summary>Results of failed system calls: the negative error numbers of Linux x86-64 (asm-generic/errno-base.h and errno.h).</summary>
internal static class Errno
{
    public const long EPerm = -1;
    public const long ENoEnt = -2;
    public const long EIntr = -4;
    public const long EIo = -5;
    public const long EBadF = -9;
    public const long EAgain = -11;
    public const long ENoMem = -12;
    public const long EAcces = -13;
    public const long EFault = -14;
    public const long EBusy = -16;
    public const long EExist = -17;
    public const long ENotDir = -20;
    public const long EInval = -22;
    public const long EMFile = -24;
    public const long ENoTty = -25;
    public const long ENoSpc = -28;
    public const long ESPipe = -29;
    public const long ERoFs = -30;
    public const long EPipe = -32;
    public const long ERange = -34;
    public const long ENameTooLong = -36;
    public const long ENoSys = -38;
    public const long E2Big = -7;
    public const long ETimedOut = -110;
    public const long ECanceled = -125;
}
