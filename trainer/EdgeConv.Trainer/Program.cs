using EdgeConv.Trainer.CommandLine;

return await TrainerProgram.Run(args);
