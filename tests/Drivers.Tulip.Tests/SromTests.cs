using FsCheck;
using FsCheck.Fluent;
using GuestOS.Sandbox.Tulip;
using Xunit;

namespace GuestOS.Drivers.Tulip.Tests;

public sealed class SromTests
{
    [Fact]
    public void The_checksum_is_the_low_half_of_the_usual_CRC()
    {
        // The check value of CRC-32/ISO-HDLC over "123456789" is CBF43926.
        Assert.Equal(0x3926, SromChecksum.Compute("123456789"u8));
    }

    [Fact]
    public void Whatever_a_ROM_holds_is_read_without_harm()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>().Filter(bytes => bytes.Length > 0), ArbMap.Default.ArbFor<bool>(), (bytes, is21140) =>
        {
            var image = new byte[SromReader.Size];
            for (var i = 0; i < image.Length; i++)
                image[i] = bytes[i % bytes.Length];
            var content = SromContent.Parse(image, is21140 ? ChipKind.Dec21140 : ChipKind.Dec21143, bytes[0] & 31);
            return content.Media.Count <= 32 && content.Address.Value <= 0xFFFF_FFFF_FFFF;
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Damaged_tables_never_lead_outside_of_the_ROM()
    {
        var random = new Random(5);
        var image = new byte[SromReader.Size];
        for (var round = 0; round < 50_000; round++)
        {
            new TulipSromBuilder { Direction = round % 2 == 0 ? (byte)3 : null, Blocks = [TulipSromBuilder.Mii21140, TulipSromBuilder.Mii21143] }.Build().CopyTo(image, 0);
            for (var i = random.Next(1, 6); i > 0; i--)
                image[random.Next(18, 80)] = (byte)random.Next(256);
            var content = SromContent.Parse(image, round % 3 == 0 ? ChipKind.Dec21140 : ChipKind.Dec21143, 10);
            Assert.All(content.Media, block => Assert.True(block.GeneralPurpose.Count + block.Reset.Count < SromReader.Size));
        }
    }

    [Fact]
    public void Every_kind_of_block_is_read()
    {
        byte[][] blocks =
        [
            [0x04, 0x0A, 0x8E, 0x81],
            [0x85, 0x00, 0x03, 0x11, 0x71, 0x00],
            TulipSromBuilder.Mii21140,
        ];
        var content = SromContent.Parse(new TulipSromBuilder { Direction = 0x1F, Medium = 0x0003, Blocks = blocks }.Build(), ChipKind.Dec21140, 10);
        Assert.Null(content.MediaError);
        Assert.Null(content.ChecksumError);
        Assert.Equal(0x1F, content.GeneralPurposeDirection);
        Assert.Equal(3, content.DefaultMedium);
        Assert.Equal(MediumCode.TenBaseTFullDuplex, content.Media[0].Medium);
        Assert.Equal([0x0A], content.Media[0].GeneralPurpose);
        Assert.False(content.Media[0].HasSense);
        Assert.Equal(7, content.Media[0].SensePin);
        Assert.True(content.Media[0].SenseIsInverted);
        Assert.Equal(MediumCode.HundredBaseTx, content.Media[1].Medium);
        Assert.Equal(0x01C4_0000u, OperationMode.FromCommand(content.Media[1].Command));
        Assert.True(content.Media[2].IsMii);
        Assert.Equal(1, content.Media[2].Phy);
        Assert.Equal(0x01E0, content.Media[2].Advertisement);

        blocks =
        [
            [0x8C, 0x02, 0x40, 0x01, 0x00, 0x3F, 0x7F, 0x08, 0x00, 0x34, 0x12, 0x78, 0x56],
            [0x88, 0x04, 0x05, 0x01, 0x00, 0x02, 0x00, 0x61, 0x80],
            [0x86, 0x05, 0x02, 0x01, 0x02, 0x03, 0x04],
            [0x83, 0x77, 0x01, 0x02],
            TulipSromBuilder.Mii21143,
        ];
        content = SromContent.Parse(new TulipSromBuilder { Blocks = blocks }.Build(), ChipKind.Dec21143, 10);
        Assert.Null(content.MediaError);
        Assert.Equal([MediaBlockKind.Sia, MediaBlockKind.Sym, MediaBlockKind.Reset, MediaBlockKind.Mii21143], content.Media.Select(block => block.Kind));
        Assert.Equal(((ushort)0x0001, (ushort)0x7F3F, (ushort)0x0008), content.Media[0].Sia!.Value);
        Assert.Equal([0x1234, 0x5678], content.Media[0].GeneralPurpose);
        Assert.Equal([0x0201, 0x0403], content.Media[2].Reset);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF, 0x01 }, "leaves the ROM")]
    [InlineData(new byte[] { 0x80, 0x01 }, "length of 0")]
    [InlineData(new byte[] { 0x83, 0x03, 0x00, 0xFF }, "too short")]
    public void A_damaged_block_is_told_and_those_before_it_hold(byte[] block, string error)
    {
        var content = SromContent.Parse(new TulipSromBuilder { Blocks = [TulipSromBuilder.Mii21143, block] }.Build(), ChipKind.Dec21143, 10);
        Assert.Contains("block 2 of 2", content.MediaError, StringComparison.Ordinal);
        Assert.Contains(error, content.MediaError, StringComparison.Ordinal);
        Assert.Single(content.Media);
    }

    [Fact]
    public void Too_many_blocks_are_not_believed()
    {
        var content = SromContent.Parse(new TulipSromBuilder { Blocks = [TulipSromBuilder.Mii21143], BlockCount = 200 }.Build(), ChipKind.Dec21143, 10);
        Assert.Contains("200 blocks", content.MediaError, StringComparison.Ordinal);
    }

    [Fact]
    public void Each_chip_of_a_board_has_its_own_address()
    {
        var image = new TulipSromBuilder { Blocks = [TulipSromBuilder.Mii21143] }.Build();
        image[19] = 2;
        image[26] = 4;
        image[29] = 5;
        image[30] = 60;
        image[31] = 0;
        TulipSromBuilder.Seal(image);
        Assert.Equal("00:15:5d:01:02:03", SromContent.Parse(image, ChipKind.Dec21143, 4).Address.ToString());
        Assert.Equal("00:15:5d:01:02:04", SromContent.Parse(image, ChipKind.Dec21143, 5).Address.ToString());
    }
}
