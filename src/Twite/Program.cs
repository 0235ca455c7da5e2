using Twite.Commands;

return await TwiteCommand.Create().Parse(args).InvokeAsync();
