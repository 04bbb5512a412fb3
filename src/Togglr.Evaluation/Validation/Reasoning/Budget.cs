namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>
/// How much may be compared: analysis is advice, and must end however large a document is. Steps, not time, so that the same document always gets the same advice.
/// </summary>
internal sealed class Budget(int steps = Budget.Whole, int perQuestion = Budget.OfQuestion)
{
    /// <summary>Steps for one document.</summary>
    public const int Whole = 600_000;

    /// <summary>Steps for one question, so that a hard one leaves some for the others.</summary>
    public const int OfQuestion = 30_000;

    private int _left = steps;
    private int _leftOfQuestion;

    /// <summary>How many questions were left without an answer.</summary>
    public int GivenUp { get; private set; }

    public bool Begin()
    {
        _leftOfQuestion = Math.Min(perQuestion, _left);
        if (_leftOfQuestion <= 0)
            GivenUp++;
        return _leftOfQuestion > 0;
    }

    /// <summary>False when there is nothing left.</summary>
    public bool Spend(int steps)
    {
        if (_leftOfQuestion <= 0)
            return false;
        _left -= steps;
        _leftOfQuestion -= steps;
        if (_leftOfQuestion > 0)
            return true;
        GivenUp++;
        return false;
    }
}
