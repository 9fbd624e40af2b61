using GuestOS.Boot.Build;
using GuestOS.Boot.Commands;

namespace GuestOS.Bench.Peer;

/// <summary>Builds tests/Bench.Peer: the static program that does under Linux what self-tests do under GuestOS.</summary>
internal static class LoadProgram
{
    /// <summary>Builds it; the compiler leaves it alone when nothing has changed.</summary>
    /// <returns>The program's file.</returns>
    public static async Task<byte[]> BuildAsync(Toolbox tools, CancellationToken cancellationToken)
    {
        var project = Path.Combine(tools.Repository.Root, "tests", "Bench.Peer", "Bench.Peer.csproj");
        var output = Path.Combine(tools.Repository.Artifacts, "bench", "peer");
        var dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        await ToolProcess.RunAsync(
            dotnet,
            ["publish", project, "-c", "Release", "-r", "linux-x64", "-o", output, "--nologo", "-v", "minimal", "-nodeReuse:false", "-p:UseSharedCompilation=false"],
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return await File.ReadAllBytesAsync(Path.Combine(output, "GuestOS.Bench.Peer"), cancellationToken).ConfigureAwait(false);
    }
}
