using System.Diagnostics;
using System.Globalization;
using System.Text;
using GuestOS.Boot.Build;

namespace GuestOS.Boot.Hosts.Lab;

/// <summary>The folder of one lab machine: its state, its logs, and what it shares with this machine.</summary>
/// <param name="Path">Absolute path.</param>
internal sealed record LabFolder(string Path)
{
    /// <summary>Held by the owner of a guest's folder as long as it lives.</summary>
    public const string OwnerName = "owner.lock";

    private static readonly TimeSpan TimeToLock = TimeSpan.FromMinutes(1);

    /// <summary>The machine's initramfs.</summary>
    public string InitramfsPath => System.IO.Path.Combine(Path, "initramfs.cpio");

    /// <summary>What the machine's QEMU writes its process id to.</summary>
    public string ProcessIdPath => System.IO.Path.Combine(Path, "qemu.pid");

    /// <summary>Port on this machine at which the agent in the lab's machine is reached.</summary>
    public string PortPath => System.IO.Path.Combine(Path, "agent.port");

    /// <summary>The machine's serial console.</summary>
    public string ConsolePath => System.IO.Path.Combine(Path, "console.log");

    /// <summary>What both machines see.</summary>
    public string SharePath => System.IO.Path.Combine(Path, "share");

    /// <summary>What proves to the agent that a request comes from the lab's owner.</summary>
    public string TokenPath => System.IO.Path.Combine(SharePath, "token");

    /// <summary>Folders of the guests that the machine has, or had when their owners were killed.</summary>
    public IReadOnlyList<string> Guests => Directory.Exists(SharePath) ? Directory.GetDirectories(SharePath) : [];

    /// <summary>Makes the folder, for this user only.</summary>
    /// <exception cref="ToolException">This machine has no such permissions.</exception>
    public void Create()
    {
        if (OperatingSystem.IsWindows())
            throw new ToolException("The lab needs Linux.");
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        Directory.CreateDirectory(Path, mine);
        Directory.CreateDirectory(SharePath, mine);
    }

    /// <summary>Removes the folder with all that is in it.</summary>
    public void Remove()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }

    /// <summary>The process of the machine's QEMU; null when it does not run.</summary>
    public int? FindProcess() => ReadNumber(ProcessIdPath) is { } id && IsOurs(id) ? id : null;

    /// <summary>The way to the agent; null when the machine was never started.</summary>
    public LabAgent? FindAgent() =>
        ReadNumber(PortPath) is { } port && TryRead(TokenPath) is { Length: > 0 } token ? new LabAgent(port, token) : null;

    /// <summary>The end of the machine's console, for messages.</summary>
    public string LastWords()
    {
        var lines = (TryRead(ConsolePath) ?? "").TrimEnd().Split('\n').TakeLast(5).Select(line => line.Trim()).Where(line => line.Length != 0);
        return string.Concat(lines.Select(line => "\n  " + line));
    }

    /// <summary>Ends the machine as by pulling its plug.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (FindProcess() is not { } id)
            return;
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // It has ended by itself just now.
            return;
        }
    }

    /// <summary>Removes the folders of guests whose owners have ended without doing so.</summary>
    /// <param name="now">The time.</param>
    /// <returns>How many they were.</returns>
    public int RemoveLeftGuests(DateTime now)
    {
        var removed = 0;
        foreach (var guest in Guests.Where(guest => !HasOwner(guest, now)))
        {
            try
            {
                Directory.Delete(guest, recursive: true);
                removed++;
            }
            catch (IOException)
            {
                // Another process removes it at the same time, or its owner was just about to.
                continue;
            }
        }

        return removed;
    }

    private static bool HasOwner(string guest, DateTime now)
    {
        var path = System.IO.Path.Combine(guest, OwnerName);
        if (!File.Exists(path))
            return now - Directory.GetCreationTimeUtc(guest) < TimeToLock;
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    /// <summary>Process ids are used again: ours is the one whose command line names this folder.</summary>
    private bool IsOurs(int id) =>
        TryRead(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/cmdline"))?.Contains(InitramfsPath, StringComparison.Ordinal) == true;

    private static int? ReadNumber(string path) =>
        int.TryParse(TryRead(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path, Encoding.UTF8).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
