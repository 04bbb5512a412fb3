using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Api;

/// <summary>The OpenAPI document: what the framework reads off the endpoints, completed by what only we know.</summary>
internal static class ApiDescription
{
    public const string Name = "openapi";
    private const string Mark = "x-named-schema";

    public static void AddApiDescription(this IServiceCollection services) =>
        services.AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.ShouldInclude = description => description.RelativePath?.StartsWith("api/v1/", StringComparison.Ordinal) == true;
            options.CreateSchemaReferenceId = type =>
                IsOptional(type.Type) || type.Type == typeof(JsonElement) || type.Type == typeof(JsonElement?) ? null : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
            options.AddSchemaTransformer(DescribeSchemaAsync);
            options.AddOperationTransformer(DescribeOperationAsync);
            options.AddDocumentTransformer(DescribeDocumentAsync);
        });

    private static bool IsOptional(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Optional<>);

    private static async Task DescribeSchemaAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancel)
    {
        if (IsOptional(context.JsonTypeInfo.Type))
        {
            var inner = await context.GetOrCreateSchemaAsync(context.JsonTypeInfo.Type.GetGenericArguments()[0], null, cancel);
            (schema.Type, schema.Format, schema.Enum, schema.Items, schema.Pattern) = (inner.Type, inner.Format, inner.Enum, inner.Items, inner.Pattern);
            if (context.JsonPropertyInfo?.AttributeProvider is PropertyInfo property)
            {
                var value = new NullabilityInfoContext().Create(property).GenericTypeArguments[0];
                if (value.WriteState == NullabilityState.NotNull)
                    schema.Type &= ~JsonSchemaType.Null;
                else if (schema.Type is not null)
                    schema.Type |= JsonSchemaType.Null;
            }
        }
        foreach (var member in context.JsonPropertyInfo is null ? context.JsonTypeInfo.Properties : [])
        {
            if (member.AttributeProvider?.IsDefined(typeof(JsonIgnoreAttribute), inherit: false) == true)
                schema.Required?.Remove(member.Name);
        }
        if (context.JsonPropertyInfo?.AttributeProvider?.GetCustomAttributes(typeof(ApiSchemaAttribute), inherit: false) is [ApiSchemaAttribute named, ..])
        {
            schema.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
            schema.Extensions[Mark] = new JsonNodeExtension(JsonValue.Create(named.Name + (named.IsNullable ? "?" : "")));
        }
    }

    /// <summary>
    /// Puts references in the place of marked members. Only now: the framework follows references while it reads the endpoints, and those of conditions
    /// lead back to themselves.
    /// </summary>
    private static void ReferToNamedSchemas(OpenApiDocument document)
    {
        foreach (var schema in document.Components!.Schemas!.Values)
        {
            foreach (var (name, member) in schema.Properties?.ToList() ?? [])
            {
                if (member.Extensions?.TryGetValue(Mark, out var mark) != true)
                    continue;
                var wanted = ((JsonNodeExtension)mark!).Node.GetValue<string>();
                var reference = new OpenApiSchemaReference(wanted.TrimEnd('?'), document) { Description = member.Description };
                schema.Properties![name] = wanted.EndsWith('?')
                    ? new OpenApiSchema { AnyOf = [reference, new OpenApiSchema { Type = JsonSchemaType.Null }] }
                    : reference;
            }
        }
    }

    private static async Task DescribeOperationAsync(OpenApiOperation operation, OpenApiOperationTransformerContext context, CancellationToken cancel)
    {
        var method = context.Description.HttpMethod ?? "GET";
        var metadata = context.Description.ActionDescriptor.EndpointMetadata;
        var requirement = metadata.OfType<AccessRequirement>().Last();
        operation.Extensions ??= new Dictionary<string, IOpenApiExtension>(StringComparer.Ordinal);
        operation.Extensions["x-permission"] = new JsonNodeExtension(JsonValue.Create(requirement.ToString()));
        operation.Parameters ??= [];
        foreach (var parameter in context.Description.ParameterDescriptions)
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterDescriptor?.ParameterType ?? typeof(object));
            if (type?.IsGenericType == true && type.GetGenericTypeDefinition() == typeof(Choice<>)
                && operation.Parameters.FirstOrDefault(described => described.Name == parameter.Name) is OpenApiParameter choice)
                choice.Schema = await context.GetOrCreateSchemaAsync(type.GetGenericArguments()[0], null, cancel);
        }
        AddPathParameters(operation, context.Description.RelativePath!);
        if (method != "GET" && requirement.Kind != AccessKind.Anonymous)
        {
            AddHeader(operation, "Togglr-Reason", "Why, for the audit log; a reason in the body counts more", required: false);
            var isConfiguration = operation.OperationId == "configureFlag";
            if (method != "POST" || operation.OperationId is "toggleFlag" or "killFlag" or "reviveFlag" or "archiveFlag" or "restoreFlag" or "editSegmentKeys"
                or "submitChangeRequest" or "approveChangeRequest" or "rejectChangeRequest" or "cancelChangeRequest" or "applyChangeRequest" or "rebaseChangeRequest" or "addRequestedChange")
                AddHeader(operation, "If-Match", "The version that is to be changed; 412 when there is a newer one", isConfiguration);
            if (method == "POST")
                AddHeader(operation, "Idempotency-Key", "1 to 100 visible characters: the same request again gets the first answer again, for 24 hours", required: false);
        }

        var problem = new OpenApiSchemaReference("Problem", context.Document);
        operation.Responses ??= [];
        if (MayBecomeRequest(method, context.Description.RelativePath!, operation) && !metadata.OfType<NeverRequested>().Any())
            AddRequested(operation, context);
        foreach (var (status, meaning) in ProblemsOf(method, requirement, context.Description.RelativePath!, operation))
        {
            operation.Responses[status] = new OpenApiResponse
            {
                Description = meaning,
                Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal) { ["application/problem+json"] = new() { Schema = problem } },
            };
        }
        if (requirement.Kind != AccessKind.Anonymous)
            operation.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer", context.Document)] = [] }];
    }

    /// <summary>Whether a call changes something in a project: what is guarded there waits for an approval.</summary>
    private static bool MayBecomeRequest(string method, string path, OpenApiOperation operation) =>
        method != "GET" && (path.Contains("/projects/{project}", StringComparison.Ordinal) || operation.OperationId is "restoreAuditEntry");

    private static void AddRequested(OpenApiOperation operation, OpenApiOperationTransformerContext context)
    {
        AddHeader(operation, ChangeIntake.Header, "The number of a draft of the caller's that this becomes a part of", required: false);
        AddHeader(operation, ChangeBypass.Header, "true: at once, past the approval, by who may; with a reason", required: false);
        operation.Responses!["202"] = new OpenApiResponse
        {
            Description = "It is guarded and became a change request, or a part of the draft that was named: nothing has changed yet",
            Headers = new Dictionary<string, IOpenApiHeader>(StringComparer.Ordinal)
            {
                ["Location"] = new OpenApiHeader { Description = "The change request", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
                [ChangeIntake.Header] = new OpenApiHeader { Description = "Its number", Schema = new OpenApiSchema { Type = JsonSchemaType.String } },
            },
            Content = new Dictionary<string, OpenApiMediaType>(StringComparer.Ordinal)
            {
                ["application/json"] = new() { Schema = new OpenApiSchemaReference(nameof(ChangeRequestView), context.Document) },
            },
        };
    }

    private static IEnumerable<(string Status, string Meaning)> ProblemsOf(string method, AccessRequirement requirement, string path, OpenApiOperation operation)
    {
        yield return ("400", "The request is not valid");
        if (requirement.Kind != AccessKind.Anonymous || path.Contains("/auth/", StringComparison.Ordinal))
            yield return ("401", "Not signed in");
        if (requirement.Kind != AccessKind.Anonymous)
            yield return ("403", "Not allowed");
        if (path.Contains('{', StringComparison.Ordinal))
            yield return ("404", "Not there, or not visible");
        if (method != "GET" && requirement.Kind != AccessKind.Anonymous)
        {
            yield return ("409", "In conflict with the current state");
            yield return ("412", "Changed in the meantime");
        }
        if (operation.RequestBody is not null)
        {
            yield return ("413", "The body is too large");
            yield return ("415", "The body is of another media type");
        }
        if (operation.OperationId == "configureFlag")
            yield return ("428", "If-Match is missing");
        if (operation.OperationId is "login" or "changePassword")
            yield return ("429", "Too many wrong passwords");
        yield return ("503", "Temporarily unavailable");
    }

    private static void AddPathParameters(OpenApiOperation operation, string path)
    {
        var at = 0;
        foreach (var segment in path.Split('/').Where(segment => segment.StartsWith('{')))
        {
            var name = segment.Trim('{', '}').Split(':')[0];
            if (operation.Parameters!.Any(parameter => parameter.In == ParameterLocation.Path && parameter.Name == name))
                continue;
            operation.Parameters!.Insert(at++, new OpenApiParameter
            {
                Name = name, In = ParameterLocation.Path, Required = true, Description = $"Key of the {(name == "env" ? "environment" : name == "org" ? "organization" : name)}",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    private static void AddHeader(OpenApiOperation operation, string name, string description, bool required) =>
        operation.Parameters!.Add(new OpenApiParameter
        {
            Name = name, In = ParameterLocation.Header, Required = required, Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String },
        });

    private static async Task DescribeDocumentAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancel)
    {
        document.Info = new OpenApiInfo
        {
            Title = "Togglr management API", Version = "1",
            Description = "Conventions and shapes are explained in docs/http-api.md. `x-permission` names the permission that an operation needs.",
        };
        document.Servers = [];
        document.AddComponent<IOpenApiSchema>("Problem", await context.GetOrCreateSchemaAsync(typeof(ProblemDocument), null, cancel));
        foreach (var (name, schema) in TargetingSchemas.Create(document))
            document.AddComponent(name, schema);
        ReferToNamedSchemas(document);
        document.Components!.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>(StringComparer.Ordinal);
        document.Components.SecuritySchemes["bearer"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
    }
}
