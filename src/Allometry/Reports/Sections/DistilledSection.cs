using Allometry.Analysis;

namespace Allometry.Reports.Sections;

/// <summary>What of its teacher a student keeps: held-out losses, quality after the same fine-tuning, and what each holds and uses.</summary>
public sealed record DistilledSection : StudySection
{
    private const string Stage = "distill", Student = "student", Loss = "validation-loss", TeacherLoss = "teacher-validation-loss";

    public override Place Place => Place.Stages;

    public override Section? Of(Findings findings)
    {
        var students = findings.Study.Runs.Where(run => run.Stage == Stage && run.IsDone).GroupBy(run => run.Name).ToArray();
        return students.Length == 0 ? null : new("distilled", "Students and their teachers",
        [
            new Table("distilled", "Teacher and student",
                [
                    Column.Words("student", "Student"), new("teacher-parameters", "Teacher's parameters"), new("parameters", "Student's"), new("teacher-loss", "Teacher's held-out loss", "nats per target token"), new("dense-loss", "Dense model's", "nats per target token"), new("loss", "Student's", "nats per target token"),
                    new("loss-sd", "", Shown: Shown.InFiles), new("kept", "Share of the teacher's gain kept"), new("teacher-quality", "Teacher's quality", findings.Main.Unit), new("quality", "Student's", findings.Main.Unit), new("seeds", "Seeds"),
                ],
                [.. students.Select(student => Row(findings, [.. student]))], "Means over seeds. All losses are of the same held-out text; the dense model is a shape of the student's sizes that was pre-trained without a teacher, and what is kept of the teacher's gain over it is (student - dense) / (teacher - dense), of the means, where that gain is beyond the noise between seeds (95 %); a student that begins with its teacher's weights goes on from the teacher's training; the quality is that of the same tasks, each model fine-tuned by itself where the recipe says from: student."),
        ]);
    }

    private static IReadOnlyList<Cell> Row(Findings findings, StudyRun[] student)
    {
        var teacher = findings.Study.Runs.Where(run => run.Stage == StudyRun.Pretraining && run.Leads(student[0].Name)).ToArray();
        StudyRun[] Tuned(string from) => [.. findings.Study.Runs.Where(run => run.IsFineTuning && run.From == from && (from == Student ? student[0].Leads(run.Name) : run.Shape == student[0].Shape && teacher.Any(one => one.Leads(run.Name))))];
        var dense = findings.Study.Runs.Where(run => run.Stage == StudyRun.Pretraining && run.Facts.Parameters == student[0].Facts.Parameters && run.Facts.Dimensions.ToHashSet().SetEquals(student[0].Facts.Dimensions));
        var (taught, plain, loss) = (Spread.Of(student.Select(run => run.Result(TeacherLoss))), Spread.Of(dense.Select(run => run.Result(Loss))), Spread.Of(student.Select(run => run.Result(Loss))));
        return
        [
            Cell.Of(student[0].Name), teacher.Length == 0 ? Cell.Empty : Cell.Of(teacher[0].Facts.Parameters, Numerals.Count), Cell.Of(student[0].Facts.Parameters, Numerals.Count),
            Cell.Of(taught, Numerals.Score), Cell.Of(plain, Numerals.Score), Cell.Of(loss, Numerals.Score), Cell.Of(loss?.StandardDeviation, Numerals.Score), Cell.Of(Kept(taught, plain, loss), Numerals.Percent),
            Cell.Of(findings.QualityOf(Tuned(findings.Study.Start())), Numerals.Score), Cell.Of(findings.QualityOf(Tuned(Student)), Numerals.Score), Cell.Of((long)student.Length, Numerals.Whole),
        ];
    }

    /// <summary>Of a teacher that gained nothing, or no more than seeds do, there is no share.</summary>
    private static double? Kept(Spread? teacher, Spread? dense, Spread? student) =>
        teacher is not null && dense is not null && dense.Mean - teacher.Mean is > 0 and var gain && gain > (SeedNoise.Of([teacher, dense])?.Resolution(teacher.Count, dense.Count) ?? 0) ? (student?.Mean - dense.Mean) / -gain : null;
}
