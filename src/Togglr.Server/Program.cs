using Togglr.Server.Commands;

return await CommandLine.RunAsync(args);
