using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GuestOS.Kernel.Block;

namespace GuestOS.Kernel.Tests.Block;

public sealed class Sha256Tests
{
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")]
    public void Published_examples(string text, string hash) => Assert.Equal(hash, Sha256.HashToText(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Every_length_around_the_block_size_agrees_with_the_frameworks()
    {
        byte[] data = [.. Enumerable.Range(0, 300).Select(i => (byte)(i * 7))];
        for (int length = 0; length <= data.Length; length++)
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(data.AsSpan(0, length))), Sha256.HashToText(data.AsSpan(0, length)));
    }

    [Fact]
    public void Any_cutting_into_pieces_gives_the_same() => Prop.ForAll<byte[][]>(pieces =>
    {
        var hash = new Sha256();
        foreach (byte[] piece in pieces)
            hash.Append(piece);
        return hash.Finish() == Convert.ToHexStringLower(SHA256.HashData([.. pieces.SelectMany(piece => piece)]));
    }).QuickCheckThrowOnFailure();
}
