namespace GuestOS.Machine.Processors;

/// <summary>A thread that runs one piece of work whenever it is woken or its time has come, never twice at a time.</summary>
public interface IWorkThread
{
    /// <summary>Makes the work run soon, and again if it is just running; never inside this call. Any thread; without effect once the thread has ended.</summary>
    void Wake();
}
