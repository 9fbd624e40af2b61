using System.Diagnostics;
using GuestOS.Boot.Build;
using GuestOS.Boot.Images;
using GuestOS.Boot.Prerequisites;

namespace GuestOS.Boot.Tests;

public sealed class BuildTests : IDisposable
{
    private readonly WorkFolder _work = new();
    private readonly Repository _repository;

    public BuildTests()
    {
        _repository = new Repository(_work.Path);
        foreach (var file in new[] { "Machine/a.cs", "Kernel/Core/b.cs", "Drivers.Ata/c.cs", "boot/entry/d.asm", "boot/GuestImage.targets", "global.json", "app/app.csproj", "lib/lib.csproj", "lib/l.cs", "tests/t.cs" })
            Write(file, file);
        Write("app/app.csproj", "<Project><ItemGroup><ProjectReference Include=\"..\\lib\\lib.csproj\" /></ItemGroup></Project>");
        Write("lib/lib.csproj", "<Project />");
    }

    private string Program => Path.Combine(_work.Path, "app/app.csproj");

    public void Dispose() => _work.Dispose();

    [Theory]
    [InlineData("Machine/a.cs")]
    [InlineData("Machine/new/file.cs")]
    [InlineData("Kernel/Core/b.cs")]
    [InlineData("Drivers.Ata/c.cs")]
    [InlineData("boot/entry/d.asm")]
    [InlineData("boot/GuestImage.targets")]
    [InlineData("global.json")]
    [InlineData("app/main.cs")]
    [InlineData("lib/l.cs")]
    public void A_change_of_an_input_is_noticed(string file)
    {
        var before = InputDigest.Compute(_repository, Program);
        Assert.Equal(before, InputDigest.Compute(_repository, Program));
        Write(file, "changed");
        Assert.NotEqual(before, InputDigest.Compute(_repository, Program));
    }

    [Theory]
    [InlineData("Machine/obj/a.cs")]
    [InlineData("app/bin/x.dll")]
    [InlineData("tests/t.cs")]
    [InlineData("README.md")]
    public void What_is_no_input_does_not_count(string file)
    {
        var before = InputDigest.Compute(_repository, Program);
        Write(file, "changed");
        Assert.Equal(before, InputDigest.Compute(_repository, Program));
    }

    [Fact]
    public void A_broken_project_file_is_named()
    {
        Write("app/app.csproj", "<Project");
        Assert.Contains("app.csproj", Assert.Throws<ToolException>(() => InputDigest.Compute(_repository, Program)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_does_not_exist_is_named()
    {
        var error = await Assert.ThrowsAsync<ToolException>(
            () => new KernelBuilder(_repository).BuildAsync("nowhere.csproj", null, TestContext.Current.CancellationToken));
        Assert.Contains("nowhere.csproj", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_fails_is_reported_with_what_it_printed()
    {
        var error = await Assert.ThrowsAsync<ToolException>(
            () => ToolProcess.RunAsync("sh", ["-c", "echo out; echo the reason >&2; exit 7"], cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("status 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("the reason", error.Message, StringComparison.Ordinal);
        Assert.Contains(
            "no-such-program",
            (await Assert.ThrowsAsync<ToolException>(() => ToolProcess.RunAsync("no-such-program", [], cancellationToken: TestContext.Current.CancellationToken))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_program_is_killed()
    {
        using var source = new CancellationTokenSource();
        var started = new TaskCompletionSource<int>();
        var running = ToolProcess.RunAsync(
            "sh", ["-c", "echo $$; exec sleep 1000"], onLine: line => started.TrySetResult(int.Parse(line, System.Globalization.CultureInfo.InvariantCulture)), cancellationToken: source.Token);
        var id = await started.Task;
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.DoesNotContain(Process.GetProcesses(), process => process.Id == id && !process.HasExited);
    }

    [Fact]
    public async Task The_lock_lets_one_in_at_a_time()
    {
        var path = _work.File("folder/gate.lock");
        var first = await FileLock.AcquireAsync(path, TestContext.Current.CancellationToken);
        var second = FileLock.AcquireAsync(path, TestContext.Current.CancellationToken);
        Assert.False(second.IsCompleted);
        first.Dispose();
        (await second).Dispose();

        using var held = await FileLock.AcquireAsync(path, TestContext.Current.CancellationToken);
        using var source = new CancellationTokenSource();
        var third = FileLock.AcquireAsync(path, source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
    }

    [Fact]
    public void Without_root_one_line_says_what_to_run()
    {
        IReadOnlyList<Requirement> missing = [new("nasm", Job.BuildKernel, "nasm"), new("lld", Job.BuildKernel, "ld.lld")];
        var line = Installer.InstructionFor(missing, hasApt: true, isRoot: false);
        Assert.EndsWith("sudo apt-get update && sudo apt-get install -y --no-install-recommends nasm lld", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line!);
        Assert.Null(Installer.InstructionFor(missing, hasApt: true, isRoot: true));
        var elsewhere = Installer.InstructionFor(missing, hasApt: false, isRoot: true);
        Assert.Contains("ld.lld", elsewhere, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', elsewhere!);
    }

    [Fact]
    public void A_requirement_is_met_by_any_of_its_probes()
    {
        Assert.True(new Requirement("x", Job.BuildKernel, "no-such-program", "sh").IsMet);
        Assert.True(new Requirement("x", Job.BuildKernel, "/no/such/file", "/dev/null").IsMet);
        Assert.False(new Requirement("x", Job.BuildKernel, "/no/such/file", "no-such-program").IsMet);
        Assert.All(Enum.GetValues<Job>().Where(job => job != Job.None), job => Assert.Contains(Requirement.All, need => (need.Jobs & job) != 0));
    }

    private void Write(string file, string content)
    {
        var path = Path.Combine(_work.Path, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }
}
