namespace Allometry.Models;
public static class ShapeName { public static string Of(Shape s) => s.Name ?? "x"; }
