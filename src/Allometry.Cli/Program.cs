return Allometry.Cli.CommandLine.Run(args);
