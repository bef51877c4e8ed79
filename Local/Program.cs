using Local.Hosting;

return await Startup.RunAsync(args);
