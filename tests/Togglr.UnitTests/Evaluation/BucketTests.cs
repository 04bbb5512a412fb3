using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Togglr.Evaluation;
using Togglr.Evaluation.Buckets;

namespace Togglr.UnitTests.Evaluation;

public sealed unsafe class BucketTests
{
    [Fact]
    public void A_bucket_is_the_framework_hash_modulo_ten_thousand() =>
        Prop.ForAll<NonNull<string>, NonNull<string>, NonNull<string>>((salt, seed, unit) =>
            Bucket.Compute(salt.Get, seed.Get, unit.Get) == Expected(Encoding.UTF8.GetBytes(salt.Get + seed.Get), Encoding.UTF8.GetBytes(unit.Get)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Every_length_of_prefix_and_unit_hashes_like_the_framework()
    {
        var text = new string('x', 300);
        for (var prefix = 0; prefix < 140; prefix++)
        {
            var seed = new BucketSeed(text[..(prefix / 2)], text[..(prefix - (prefix / 2))]);
            for (var unit = 0; unit < 200; unit++)
                Assert.Equal(Expected(Encoding.ASCII.GetBytes(text[..prefix]), Encoding.ASCII.GetBytes(text[..unit])), seed.BucketOf(Encoding.ASCII.GetBytes(text[..unit])));
        }
    }

    [Fact]
    public void The_managed_block_and_the_chosen_one_agree() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 255), 64).ToArbitrary(), Gen.ArrayOf(Gen.Choose(int.MinValue, int.MaxValue), 8).ToArbitrary(), (bytes, words) =>
        {
            var block = stackalloc byte[64];
            for (var i = 0; i < 64; i++)
                block[i] = (byte)bytes[i];
            var chosen = stackalloc uint[Sha256Block.StateWords];
            var managed = stackalloc uint[8];
            for (var i = 0; i < 8; i++)
                chosen[i] = managed[i] = (uint)words[i];
            Sha256Block.Compress(chosen, block);
            Sha256Block.CompressManaged(managed, block);
            return new ReadOnlySpan<uint>(chosen, 8).SequenceEqual(new ReadOnlySpan<uint>(managed, 8));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void The_managed_block_agrees_with_the_framework()
    {
        var block = stackalloc byte[64];
        var state = stackalloc uint[8];
        for (var length = 0; length <= 55; length++)
        {
            var text = RandomNumberGenerator.GetBytes(length);
            new Span<byte>(block, 64).Clear();
            text.CopyTo(new Span<byte>(block, 64));
            block[length] = 0x80;
            block[62] = (byte)(length * 8 >> 8);
            block[63] = (byte)(length * 8);
            Sha256Block.InitialState.CopyTo(new Span<uint>(state, 8));
            Sha256Block.CompressManaged(state, block);
            var expected = SHA256.HashData(text);
            for (var i = 0; i < 8; i++)
                Assert.Equal(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(expected.AsSpan(4 * i)), state[i]);
        }
    }

    [Fact]
    public void Raising_one_weight_moves_only_who_must_move() =>
        Prop.ForAll(Gen.ArrayOf(Gen.Choose(0, 1000), 4).ToArbitrary(), weights =>
        {
            if (weights.Sum() == 0 || weights[1] == 0)
                return true;
            var before = Bucket.Thresholds(weights);
            int[] moved = [weights[0] + 1, weights[1] - 1, weights[2], weights[3]];
            var after = Bucket.Thresholds(moved);
            return Enumerable.Range(0, Bucket.Count).All(bucket =>
                Bucket.Pick(before, bucket) == Bucket.Pick(after, bucket) || (Bucket.Pick(before, bucket) == 1 && Bucket.Pick(after, bucket) == 0));
        }).Check(Config.QuickThrowOnFailure);

    [Theory]
    [InlineData(-1, 2)]
    [InlineData(0, 0)]
    [InlineData(1_000_001, 1)]
    public void Weights_out_of_range_are_refused(int first, int second) => Assert.Throws<ArgumentException>(() => Bucket.Thresholds([first, second]));

    private static int Expected(byte[] prefix, byte[] unit) =>
        (int)(new BigInteger(SHA256.HashData([.. prefix, .. unit]), isUnsigned: true, isBigEndian: true) % Bucket.Count);
}
