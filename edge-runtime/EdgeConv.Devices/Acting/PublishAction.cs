using System.Text;
using EdgeConv.Runtime.Preprocessing;

namespace EdgeConv.Devices.Acting;

/// <summary>Publishes the event.</summary>
internal sealed class PublishAction(MqttLink link, PublishRule rule) : RuleAction
{
    /// <inheritdoc/>
    public override void Act(ActionEvent what, in Picture? picture) => link.Publish(
        what.Fill(rule.Topic, OneLevel),
        rule.Payload is { } payload ? Encoding.UTF8.GetBytes(what.Fill(payload)) : what.ToJson(),
        rule.QualityOfService,
        rule.Retain);

    /// <summary>The link is not this action's.</summary>
    public override void Dispose()
    {
    }

    // These divide topics, or stand for others.
    private static string OneLevel(string field) => field.Replace('/', '_').Replace('+', '_').Replace('#', '_');
}
