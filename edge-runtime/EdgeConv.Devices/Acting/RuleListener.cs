using System.Diagnostics;
using EdgeConv.Devices.Deciding;
using EdgeConv.Devices.Watching;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>Lets rules act on what a watcher sees. Allocates nothing on a frame on which no rule acts.</summary>
public sealed class RuleListener : IWatchListener, IDisposable
{
    private readonly RuleState[] _rules;
    private readonly Action<string> _say;
    private FrameClassifier _model;

    /// <summary>Makes every rule's actions.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="model">The watcher's first model.</param>
    /// <param name="actions">Makes them.</param>
    /// <param name="say">Told of what fails.</param>
    public RuleListener(IEnumerable<Rule> rules, FrameClassifier model, RuleActions actions, Action<string> say)
    {
        _say = say;
        _rules = [.. rules.Select(rule => new RuleState(rule, [.. rule.Actions.Select(action => actions.Make(rule, action))]))];
        _model = model;
        Bind(model);
    }

    /// <inheritdoc/>
    public void Seen(in Observation observation)
    {
        if (!ReferenceEquals(observation.Classifier, _model))
        {
            Bind(observation.Classifier);
        }

        Look(observation.Decided, observation.Confidence, observation.Frame.Number, observation.Frame.Picture, observation.Now);
    }

    /// <inheritdoc/>
    public void Blind(long now) => Look(ClassDecider.Unknown, 0, null, null, now);

    /// <summary>Ends all rules: their lines are off.</summary>
    public void Dispose()
    {
        foreach (RuleState rule in _rules)
        {
            rule.End();
        }

        // Together: several that hang are waited for as long as one.
        Task.WaitAll([.. _rules.SelectMany(rule => rule.Actions).Select(action => Task.Run(action.Dispose))]);
    }

    /// <summary>First what ends, then what begins: two rules of different classes never hold together, nor do their lines.</summary>
    private void Look(int decided, float confidence, long? frame, in Picture? picture, long now)
    {
        foreach (RuleState rule in _rules)
        {
            rule.Leave(decided);
        }

        foreach (RuleState rule in _rules)
        {
            if (rule.Enter(decided, confidence, isBlind: frame is null, now))
            {
                rule.Act(new ActionEvent(rule.Rule.Name, _model.Label(decided), confidence, DateTimeOffset.UtcNow, frame), picture, now);
            }
        }
    }

    /// <summary>A model that took another's place may have other classes, or the same in another order.</summary>
    private void Bind(FrameClassifier model)
    {
        _model = model;
        foreach (RuleState rule in _rules)
        {
            bool[] members = rule.Rule.When.Of(model);
            rule.Bind(members);
            if (!members.Contains(true))
            {
                _say($"{rule.Rule.Name}: {model.Model.Name} has none of its classes; it will not act.");
            }
        }
    }

    private sealed class RuleState(Rule rule, RuleAction[] actions)
    {
        private const int Nothing = int.MinValue;
        private const int OfAnotherModel = int.MinValue + 1;
        private bool[] _members = [];
        private int _class = Nothing;
        private long _since;
        private long _classSince;
        private long _lastAct;
        private bool _holds;
        private bool _hasActed;

        public Rule Rule => rule;

        public IReadOnlyList<RuleAction> Actions => actions;

        public void Bind(bool[] members)
        {
            _members = members;
            _class = _class == Nothing ? Nothing : OfAnotherModel;
        }

        public void Leave(int decided)
        {
            if (_class == Nothing || _members[decided + 1])
            {
                return;
            }

            _class = Nothing;
            if (_holds)
            {
                _holds = false;
                foreach (RuleAction action in actions)
                {
                    action.End();
                }
            }
        }

        /// <returns>Whether it acts now.</returns>
        public bool Enter(int decided, float confidence, bool isBlind, long now)
        {
            if (!_members[decided + 1])
            {
                return false;
            }

            if (!_holds && decided != ClassDecider.Unknown && confidence < rule.Confidence)
            {
                _class = Nothing;
                return false;
            }

            if (_class != decided)
            {
                // Without frames it has been so for a while already.
                long begin = isBlind ? now - (long)(Watcher.BlindAfter.TotalSeconds * Stopwatch.Frequency) : now;
                _since = _class == Nothing ? begin : _since;
                (_class, _classSince, _hasActed) = (decided, begin, false);
            }

            if (!_holds && Stopwatch.GetElapsedTime(_since, now) >= rule.For)
            {
                _holds = true;
                foreach (RuleAction action in actions)
                {
                    action.Begin();
                }
            }

            return _holds && IsDue(now);
        }

        public void Act(ActionEvent what, in Picture? picture, long now)
        {
            _lastAct = now;
            foreach (RuleAction action in actions)
            {
                action.Act(what, picture);
            }
        }

        public void End()
        {
            foreach (RuleAction action in actions)
            {
                action.End();
            }
        }

        private bool IsDue(long now)
        {
            TimeSpan since = _lastAct == 0 ? TimeSpan.MaxValue : Stopwatch.GetElapsedTime(_lastAct, now);
            if (_hasActed)
            {
                return rule.AgainEvery > TimeSpan.Zero && since >= rule.AgainEvery && since >= rule.AtMostEvery;
            }

            if (Stopwatch.GetElapsedTime(_classSince, now) < rule.For)
            {
                return false;
            }

            // What comes too soon is left out, and not made up for.
            _hasActed = true;
            return since >= rule.AtMostEvery;
        }
    }
}
