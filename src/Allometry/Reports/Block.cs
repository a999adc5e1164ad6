namespace Allometry.Reports;

/// <summary>One thing on a report's page: a paragraph, a table, a chart, a listing.</summary>
public abstract record Block;
