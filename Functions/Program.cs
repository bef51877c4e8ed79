using App;
using Backend;
using Backend.Azure.Encryption;
using Backend.Azure.Media;
using Backend.Azure.Records;
using Backend.Model;
using Backend.Orchestrations.Checks;
using Functions.Http;
using Functions.Images;
using Functions.Orchestrations;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.Hosting;

var model = ModelLoader.Load(Path.Combine(AppContext.BaseDirectory, "model"));
var builder = FunctionsApplication.CreateBuilder(args);
builder.ConfigureFunctionsWebApplication().UseMiddleware<InvocationActivity>();
builder.Services.AddBackend(model).AddApp().AddCosmosRecords().AddKeyVaultEncryption().AddBlobMedia()
    .AddImageSharp(model).AddDurableOrchestrations().AddOrchestrationChecks(builder.Configuration).AddBackendPipeline();
await builder.Build().RunAsync();
