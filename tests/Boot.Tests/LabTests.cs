using System.Text.Json;
using GuestOS.Boot.Build;
using GuestOS.Boot.Events;
using GuestOS.Boot.Hosts;
using GuestOS.Boot.Hosts.Lab;
using GuestOS.Boot.Hosts.Qemu;
using GuestOS.Boot.Images;

namespace GuestOS.Boot.Tests;

/// <summary>The lab without a lab: what it is made of, where it is kept, what is cleaned up, what it refuses.</summary>
public sealed class LabTests : IDisposable
{
    private static readonly LabRecipe Recipe = LabRecipe.Standard;
    private readonly WorkFolder _work = new();
    private readonly LabCache _cache;

    public LabTests() => _cache = new LabCache(_work.File("lab"));

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData(nameof(GuestExitKind.DebugPort), "ready panic:interrupt_while_interrupts_were_off", "the lab's emulated processor delivered an interrupt while interrupts were off, at 0000000000001000")]
    [InlineData(nameof(GuestExitKind.DebugPort), "ready panic:page_fault", null)]
    [InlineData(null, "ready panic:interrupt_while_interrupts_were_off", "the lab's emulated processor delivered an interrupt while interrupts were off, at 0000000000001000")]
    [InlineData(null, "ready", null)]
    [InlineData(nameof(GuestExitKind.Reset), "ready", "the lab's emulated processor shut down without a word of the guest")]
    [InlineData(nameof(GuestExitKind.Reset), "boot", null)]
    [InlineData(nameof(GuestExitKind.Reset), "ready poweroff", null)]
    [InlineData(nameof(GuestExitKind.Reset), "ready panic:page_fault poweroff", null)]
    [InlineData(nameof(GuestExitKind.PoweredOff), "ready", null)]
    public void Only_what_no_guest_does_is_laid_on_the_lab(string? exit, string told, string? explanation) => Assert.Equal(
        explanation, new LabHost(_cache, Recipe).Explain(exit is null ? null : new GuestExit(Enum.Parse<GuestExitKind>(exit)), [.. told.Split(' ').Select(Event)], null));

    [Theory]
    [InlineData("boot ready", "0000000000877ec8", "fffffe0000000000", "the lab's emulated processor put the lab's own kernel into processor 1 of the guest")]
    [InlineData("boot ready", "fffffe0000000000", "0000000000877ec8", "the lab's emulated processor put the lab's own kernel into processor 0 of the guest")]
    [InlineData("boot ready", "0000000000877ec8", "0000000000877ec8", null)]
    [InlineData("none", "fffffe0000000000", "fffffe0000000000", null)]
    public void A_processor_that_has_the_labs_own_kernel_is_laid_on_the_lab(string told, string first, string second, string? explanation) => Assert.Equal(
        explanation,
        new LabHost(_cache, Recipe).Explain(null, [.. told.Split(' ').Select(Event)], $"\n# info registers -a\n\nCPU#0\nRIP=0000000000401234\nIDT=     {first} 00000fff\n\nCPU#1\nIDT=     {second} 00000fff\n"));

    private static GuestEvent Event(string told)
    {
        var (kind, message) = told.Split(':') is [var first, var second] ? (first, second.Replace('_', ' ')) : (told, "");
        using var members = JsonDocument.Parse($$"""{"t":7,"event":"{{kind}}","message":"{{message}}","rip":"0000000000001000"}""");
        return new GuestEvent(7, kind, members.RootElement.Clone());
    }

    [Fact]
    public void Whatever_changes_in_the_recipe_changes_its_digest()
    {
        LabRecipe[] changed =
        [
            Recipe with { Suite = "sid" },
            Recipe with { Packages = [.. Recipe.Packages, "ovmf"] },
            Recipe with { Modules = [.. Recipe.Modules, "virtio_balloon"] },
            Recipe with { Init = Recipe.Init + "\n" },
            Recipe with { Agent = Recipe.Agent + "\n" },
            Recipe with { Cpus = Recipe.Cpus + 1 },
            Recipe with { MemoryMiB = Recipe.MemoryMiB + 1 },
            Recipe with { KernelOptions = "quiet" },
            Recipe with { Processor = "EPYC-v4" },
        ];
        Assert.Equal(changed.Length, changed.Select(recipe => recipe.MachineDigest).Append(Recipe.MachineDigest).Distinct().Count() - 1);
        Assert.Equal(2, changed.Count(recipe => recipe.TreeDigest != Recipe.TreeDigest));
        Assert.Equal(Recipe.MachineDigest, (Recipe with { }).MachineDigest);
        Assert.Matches("^[0-9a-f]{16}$", Recipe.TreeDigest);
    }

    [Fact]
    public void The_tree_is_unpacked_without_anybodys_rights()
    {
        var arguments = LabTree.Arguments(Recipe, "/t");
        Assert.Contains("--mode=chrootless", arguments);
        Assert.Contains("--variant=extract", arguments);
        Assert.Contains("--include=qemu-system-x86,seabios,linux-image-amd64,busybox-static", arguments);
        Assert.Equal(["trixie", "/t"], arguments.TakeLast(2));
    }

    [Theory]
    [InlineData("/c", "/h", "/c/guestos/lab")]
    [InlineData(null, "/h", "/h/.cache/guestos/lab")]
    [InlineData("relative", "/h", "/h/.cache/guestos/lab")]
    public void The_lab_is_kept_where_the_user_keeps_such_things(string? cache, string? home, string folder) =>
        Assert.Equal(folder, LabCache.Find(name => name == "HOME" ? home : cache).Folder);

    [Fact]
    public void Without_any_place_the_message_says_what_to_set() =>
        Assert.Contains("XDG_CACHE_HOME", Assert.Throws<ToolException>(() => LabCache.Find(_ => null)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_labs_machine_is_told_everything_on_its_command_line()
    {
        var machine = new LabMachine(_cache, Recipe with { Cpus = 3, MemoryMiB = 4000 });
        var arguments = machine.Arguments("/a,b", "/k", 77).ToList();
        Assert.Equal("tcg,thread=multi", arguments[arguments.IndexOf("-accel") + 1]);
        Assert.Equal("3", arguments[arguments.IndexOf("-smp") + 1]);
        Assert.Equal("4000", arguments[arguments.IndexOf("-m") + 1]);
        Assert.Contains("local,id=tree,path=/a,,b,security_model=none,readonly=on", arguments);
        Assert.Contains("user,id=net,hostfwd=tcp:127.0.0.1:77-10.0.2.15:1000", arguments);
        Assert.Contains(machine.Folder.InitramfsPath, arguments);
        Assert.Contains("-daemonize", arguments);
    }

    [Fact]
    public void Guests_of_killed_runs_are_removed_and_those_of_living_ones_are_not()
    {
        var folder = _cache.MachineOf(Recipe);
        folder.Create();
        using (var living = new LabSite(folder, new LabAgent(1, "t")))
        {
            var left = MakeGuest(folder, "left", isLocked: true);
            var beingMade = MakeGuest(folder, "being-made", isLocked: false);
            var now = DateTime.UtcNow;
            Assert.Equal(1, folder.RemoveLeftGuests(now));
            Assert.False(Directory.Exists(left));
            Assert.True(Directory.Exists(beingMade));
            Assert.Equal(1, folder.RemoveLeftGuests(now.AddMinutes(2)));
            Assert.False(Directory.Exists(beingMade));
            Assert.True(File.Exists(living.FileOf(LabFolder.OwnerName)));
        }

        Assert.Empty(folder.Guests);
    }

    [Fact]
    public void A_machine_that_does_not_run_is_cleared_away_with_what_was_half_made()
    {
        var folder = _cache.MachineOf(Recipe);
        folder.Create();

        // The process id of this very process: it runs, but it is no machine.
        File.WriteAllText(folder.ProcessIdPath, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var now = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        var half = MakeTree("half", null);
        var unused = MakeTree("unused", now.AddDays(-30));
        var used = MakeTree("used", now.AddDays(-1));
        Assert.Null(folder.FindProcess());
        _cache.Clean(now);
        Assert.Empty(_cache.Machines);
        Assert.Equal([used], _cache.Trees);
        Assert.False(Directory.Exists(half) || Directory.Exists(unused));
    }

    [Fact]
    public async Task A_machine_that_runs_is_found_by_its_folder_and_can_be_ended()
    {
        var folder = _cache.MachineOf(Recipe);
        folder.Create();
        var shell = new System.Diagnostics.ProcessStartInfo("sh", ["-c", "echo up; while :; do read line; done", folder.InitramfsPath]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(shell)!;
        // Linux shows a command line some moments after a program has replaced another: once it has spoken, it is there.
        Assert.Equal("up", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        await File.WriteAllTextAsync(folder.ProcessIdPath, process.Id + "\n", TestContext.Current.CancellationToken);
        MakeTree("old", DateTime.UnixEpoch);
        Assert.Equal(process.Id, folder.FindProcess());
        _cache.Clean(DateTime.UtcNow);
        Assert.Single(_cache.Machines);
        Assert.Single(_cache.Trees);
        await folder.KillAsync(TestContext.Current.CancellationToken);
        Assert.True(process.HasExited);
        Assert.Null(folder.FindProcess());
        await folder.KillAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public void A_file_is_copied_once_into_what_both_machines_see()
    {
        var folder = _cache.MachineOf(Recipe);
        folder.Create();
        using var site = new LabSite(folder, new LabAgent(1, "t"));
        var file = _work.File("kernel.elf");
        File.WriteAllText(file, "content");
        var seen = site.PathOf(file);
        Assert.Equal(seen, site.PathOf(file));
        Assert.Matches("^/mnt/[0-9a-f]{16}/0-kernel.elf$", seen);
        Assert.Equal("content", File.ReadAllText(Path.Combine(folder.SharePath, seen["/mnt/".Length..])));
        Assert.Equal($"/mnt/{Path.GetFileName(folder.Guests[0])}/screen.png", site.PathOf(site.FileOf("screen.png")));
        Assert.Throws<FileNotFoundException>(() => site.PathOf(_work.File("nowhere")));
    }

    [Fact]
    public async Task What_the_lab_cannot_do_is_refused_before_anything_starts()
    {
        var host = new LabHost(_cache, Recipe);
        var machine = new MachineSpec { Name = "m", Boot = new BootMedium("/k", ImageFormat.Elf) };
        var network = await Assert.ThrowsAsync<ToolException>(() => host.CreateAsync(machine with { Network = new NetworkAdapter("/s") }, CancellationToken.None));
        Assert.Contains("no network cable", network.Message, StringComparison.Ordinal);
        var drive = new Drive(0, 1, DriveKind.Disk) { Path = "/d", Persistent = true };
        var persistent = await Assert.ThrowsAsync<ToolException>(() => host.CreateAsync(machine with { Drives = [drive] }, CancellationToken.None));
        Assert.Contains("ata0.1", persistent.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_cache.Folder));
    }

    [Theory]
    [InlineData(new[] { 44, 148, 149 }, null)]
    [InlineData(new[] { 44 }, "/dev/kvm lacks KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_VP_INDEX")]
    [InlineData(new int[0], "/dev/kvm lacks KVM_CAP_HYPERV, KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_VP_INDEX")]
    public void This_machines_kvm_is_judged_by_what_it_says_and_not_by_its_file(int[] offered, string? whyNot) =>
        Assert.Equal(whyNot, KvmCapabilities.Of(number => offered.Contains(number) ? 1 : 0).WhyNot);

    [Fact]
    public void A_refused_question_is_no_capability()
    {
        Assert.NotNull(KvmCapabilities.Of(_ => -1).WhyNot);
        Assert.Equal("there is no /dev/kvm", new KvmCapabilities("there is no /dev/kvm", []).WhyNot);
    }

    private static string MakeGuest(LabFolder folder, string name, bool isLocked)
    {
        var path = Path.Combine(folder.SharePath, name);
        Directory.CreateDirectory(path);
        if (isLocked)
            File.WriteAllText(Path.Combine(path, LabFolder.OwnerName), "");
        return path;
    }

    private string MakeTree(string name, DateTime? lastUse)
    {
        var path = Path.Combine(_cache.Folder, "tree-" + name);
        Directory.CreateDirectory(path);
        if (lastUse is not { } time)
            return path;
        File.WriteAllText(Path.Combine(path, "complete"), "");
        File.SetLastWriteTimeUtc(Path.Combine(path, "complete"), time);
        return path;
    }
}
