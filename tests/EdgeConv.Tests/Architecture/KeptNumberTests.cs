using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using EdgeConv.Trainer.Training;

namespace EdgeConv.Tests.Architecture;

/// <summary>What nobody would see in a result: numbers that libtorch reads while the garbage collector takes them.</summary>
public sealed class KeptNumberTests
{
    private static readonly string[] _sums = ["add", "add_"];

    [Fact]
    public void The_trainer_never_adds_tensors_without_a_factor_that_is_kept()
    {
        using var file = new PEReader(File.OpenRead(typeof(TrainingRun).Assembly.Location));
        MetadataReader reader = file.GetMetadataReader();
        string[] called = [.. reader.MemberReferences.Select(reader.GetMemberReference).Where(IsOfTensor).Select(Named)];
        Assert.Contains("add/2", called);
        Assert.Contains("add_/2", called);
        Assert.Contains("op_Subtraction/2", called);
        Assert.DoesNotContain(called, name => name == "op_Addition/2" || _sums.Any(sum => name == $"{sum}/1"));

        bool IsOfTensor(MemberReference member) => member.Parent.Kind == HandleKind.TypeReference
            && reader.GetString(reader.GetTypeReference((TypeReferenceHandle)member.Parent).Name) == "Tensor";

        string Named(MemberReference member)
        {
            BlobReader signature = reader.GetBlobReader(member.Signature);
            bool isMethod = signature.ReadSignatureHeader().Kind == SignatureKind.Method;
            return $"{reader.GetString(member.Name)}/{(isMethod ? signature.ReadCompressedInteger() : 0)}";
        }
    }
}
