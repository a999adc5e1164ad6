using System.CommandLine;
using Allometry.Files;
using Allometry.Generation;
using Allometry.Interchange;
using Allometry.Kinds;
using static TorchSharp.torch;

namespace Allometry.Cli.Verbs;

/// <summary>A checkpoint's numbers on given tensors, by Hugging Face's names.</summary>
public static class TraceVerb
{
    public static Command Command()
    {
        var folder = new Argument<string>("folder") { Description = "Folder of a model, ours or a raw Hugging Face one." };
        var inputs = new Option<string>("--inputs") { Description = "input_ids, and optionally attention_mask and labels (-100: ignored), in a safetensors file.", HelpName = "FILE", Required = true };
        var output = new Option<string>("--output") { Description = "Where the tensors go (safetensors): states, logits, loss, and what is asked for beside them.", HelpName = "FILE", Required = true };
        var gradients = new Option<bool>("--gradients") { Description = "The gradient of the loss in every weight." };
        var greedy = new Option<bool>("--greedy") { Description = "What it writes greedily." };
        var beams = new Option<int?>("--beams") { Description = "What it writes by beam search of this width, and the scores.", HelpName = "K" };
        var penalty = new Option<double>("--length-penalty") { Description = "Power of the length by which beam search divides scores.", HelpName = "A", DefaultValueFactory = _ => 1 };
        var longest = new Option<int>("--max-new-tokens") { Description = "Longest answer.", HelpName = "N", DefaultValueFactory = _ => 12 };
        var plain = new Option<bool>("--plain") { Description = "Without hand-written kernels." };
        var json = Options.Json();
        var command = new Command("trace", "A checkpoint's states, logits, loss, gradients and answers on given tensors.") { folder, inputs, output, gradients, greedy, beams, penalty, longest, plain, json };
        command.SetAction(parsed =>
        {
            var options = new TraceOptions(parsed.GetValue(gradients), Generations(parsed.GetValue(greedy), parsed.GetValue(beams), parsed.GetValue(penalty)), Longest(parsed.GetValue(longest)));
            return Run(parsed.GetValue(folder)!, parsed.GetValue(inputs)!, parsed.GetValue(output)!, options, parsed.GetValue(plain), parsed.GetValue(json));
        });
        return command;
    }

    private static List<(string, Decoding)> Generations(bool greedy, int? beams, double penalty)
    {
        if (beams is < 1 or > 1024) throw new InputException("--beams", $"a search of width {beams} is none", "give a number from 1 to 1024");
        if (!(Math.Abs(penalty) <= 10)) throw new InputException("--length-penalty", $"{penalty} is out of range", "give a number from -10 to 10");
        List<(string, Decoding)> wanted = [];
        if (greedy) wanted.Add(("greedy", new GreedyDecoding()));
        if (beams is { } width) wanted.Add(("beams", new BeamDecoding(width, penalty)));
        return wanted;
    }

    private static int Longest(int longest) => longest >= 1 ? longest : throw new InputException("--max-new-tokens", $"an answer of {longest} tokens is none", "give at least 1");

    private static int Run(string folder, string inputs, string output, TraceOptions options, bool plain, bool json)
    {
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(inputs);
        var (model, names) = ModelFolder.Load(folder);
        using var owned = model;
        model.Plain = plain;
        var traced = new Trace(model, names).Run(TraceInputs.Read(file, model.Shape), options);
        Safetensors.Write(output, traced.Select(tensor => (tensor.Key, tensor.Value)));
        double? loss = traced.TryGetValue("loss", out var mean) ? mean.item<float>() : null;
        if (json) return Json.Print(new { Folder = folder, Output = output, Loss = loss, Tensors = traced.ToDictionary(tensor => tensor.Key, tensor => tensor.Value.shape) });
        Console.WriteLine(loss is null ? $"{output}: {traced.Count} tensors" : FormattableString.Invariant($"{output}: {traced.Count} tensors, loss {loss:0.######}"));
        return CommandLine.Success;
    }
}
