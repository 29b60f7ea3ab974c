using System.Diagnostics;
using EdgeConv.Devices.Deciding;

namespace EdgeConv.Tests.Devices;

/// <summary>From the answers to single frames to one that something may be done on.</summary>
public sealed class ClassDeciderTests
{
    [Theory]
    [InlineData(1, 0, "aab?b", "aab?b")]
    [InlineData(3, 0, "aaabaabbbb", "?aaaaaabbb")]
    [InlineData(3, 1, "aaabbbb", "??aaabb")]
    [InlineData(5, 0, "abababab", "????abab")]
    [InlineData(3, 0, "aaa?????", "?aaa????")]
    public void The_class_is_the_majority_of_the_last_frames(int votes, int margin, string frames, string expected)
    {
        ClassDecider decider = new(2, new DecisionRules(0.6f, votes, margin));
        string found = "";
        foreach (char frame in frames)
        {
            int before = decider.Current;
            bool changed = decider.Add(Confidences(frame), found.Length + 1);
            Assert.Equal(before != decider.Current, changed);
            found += decider.Current == ClassDecider.Unknown ? '?' : (char)('a' + decider.Current);
        }

        Assert.Equal(expected, found);
    }

    [Fact]
    public void A_class_stays_as_long_as_it_is_told_to()
    {
        ClassDecider decider = new(2, new DecisionRules(0.5f, 1, 0, TimeSpan.FromMilliseconds(500)));
        long ms = Stopwatch.Frequency / 1000;
        Assert.True(decider.Add(Confidences('a'), 1000 * ms));
        Assert.False(decider.Add(Confidences('b'), 1499 * ms));
        Assert.Equal(0, decider.Current);
        Assert.True(decider.Add(Confidences('b'), 1500 * ms));
        Assert.Equal(1, decider.Current);
    }

    [Fact]
    public void The_confidence_is_that_of_the_newest_frame_that_voted_for_the_class_not_of_one_that_saw_something_else()
    {
        ClassDecider decider = new(2, new DecisionRules(0.5f, 3, 0, TimeSpan.FromMilliseconds(500)));
        long ms = Stopwatch.Frequency / 1000;
        (float A, float B, long At, int Class, float Confidence)[] frames =
        [
            (0.9f, 0.1f, 1000, ClassDecider.Unknown, 0),
            (0.8f, 0.2f, 1010, 0, 0.8f),
            (0.3f, 0.7f, 1020, 0, 0.8f),
            (0.2f, 0.8f, 1030, 0, 0.8f),   // b has the majority, and a its time
            (0.1f, 0.9f, 1040, 0, 0.8f),
            (1.0f, 0.0f, 1600, 1, 0.9f),   // the time is over in a frame that is an a again
            (0.4f, 0.6f, 1610, 1, 0.6f),
        ];
        foreach ((float a, float b, long at, int decided, float confidence) in frames)
        {
            decider.Add([a, b], at * ms);
            Assert.Equal((decided, confidence), (decider.Current, decider.Confidence));
        }

        decider.Reset();
        Assert.Equal(0, decider.Confidence);
    }

    [Fact]
    public void Without_frames_nothing_is_known_any_more()
    {
        ClassDecider decider = new(2, new DecisionRules(0.5f, 3));
        decider.Add(Confidences('a'), 1);
        decider.Add(Confidences('a'), 2);
        Assert.Equal(0, decider.Current);
        Assert.True(decider.Reset());
        Assert.Equal(ClassDecider.Unknown, decider.Current);
        Assert.False(decider.Reset());
        Assert.False(decider.Add(Confidences('b'), 3));
        Assert.True(decider.Add(Confidences('b'), 4));
    }

    [Fact]
    public void The_majority_is_that_of_a_plain_count_whatever_comes()
    {
        Random random = new(4);
        for (int run = 0; run < 50; run++)
        {
            int votes = random.Next(1, 8), classes = random.Next(1, 5);
            ClassDecider decider = new(classes, new DecisionRules(0.5f, votes));
            List<int> all = [];
            int current = -1;
            for (int i = 0; i < 200; i++)
            {
                int vote = random.Next(-1, classes);
                float[] confidences = new float[classes];
                confidences[Math.Max(0, vote)] = vote < 0 ? 0.4f : 0.9f;
                decider.Add(confidences, i + 1);
                all.Add(vote);
                foreach (int candidate in Enumerable.Range(-1, classes + 1))
                {
                    current = all.TakeLast(votes).Count(v => v == candidate) > votes / 2 ? candidate : current;
                }

                Assert.Equal(current, decider.Current);
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 2)]
    [InlineData(3, -1)]
    public void Rules_that_nothing_could_fulfil_are_refused(int votes, int margin) =>
        Assert.Throws<ArgumentException>(() => new ClassDecider(2, new DecisionRules(0.5f, votes, margin)));

    private static float[] Confidences(char frame) => frame switch
    {
        'a' => [0.7f, 0.3f],
        'b' => [0.2f, 0.8f],
        _ => [0.5f, 0.5f],
    };
}
