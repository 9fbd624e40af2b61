using System.Diagnostics;

namespace GuestOS.Sandbox.Storage.Images;

/// <summary>VHD, VHDX and whatever else qemu-img reads, by conversion to a raw file and back.</summary>
public static class QemuImage
{
    /// <summary>Converts an image; formats as qemu-img names them: "raw", "vpc" (VHD), "vhdx".</summary>
    /// <exception cref="IOException">qemu-img is not there, or refuses; the message is its own.</exception>
    public static void Convert(string source, string sourceFormat, string destination, string destinationFormat)
    {
        // A VHD without this has a size that is rounded to cylinders.
        string[] options = destinationFormat == "vpc" ? ["-o", "force_size=on"] : [];
        string[] input = sourceFormat == "vpc" ? ["--image-opts", $"driver=vpc,force_size_calc=current_size,file.driver=file,file.filename={source}"] : ["-f", sourceFormat, source];
        var start = new ProcessStartInfo("qemu-img", ["convert", "-O", destinationFormat, .. options, .. input, destination])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new IOException($"qemu-img cannot convert '{source}': {error.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException($"qemu-img cannot be started: {e.Message}", e);
        }
    }
}
