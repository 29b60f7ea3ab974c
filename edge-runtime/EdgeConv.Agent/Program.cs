return EdgeConv.Agent.AgentProgram.Run(args, Console.Out, Console.Error);
