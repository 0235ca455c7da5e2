using Twite.Commands;

return await TwiteCommand.RunAsync(args, Terminal.Process, CancellationToken.None);
